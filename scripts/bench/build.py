"""Builds what is missing or older than its source."""
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "target/benchmark"
CLASSES = [ROOT / "target/test-classes", ROOT / "target/classes"]
LIBRARY = ROOT / "target/classes/dev/tripoint/native/linux-x86_64/libtripoint.so"
MODEL = TARGET / "trained/model.safetensors"
DJL_MADE_OF = ["src/djl", "src/jmh/java/dev/tripoint/bench/side"]
MADE_OF = ["src/main", "src/jmh", "native", "cmake", "pom.xml", "scripts/libtorch-pins.txt", "scripts/build-native"]


class BuildError(Exception):
    """A sentence for the user."""


def _run(command, log, why, **more):
    try:
        with open(log, "wb") as file:
            code = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, **more).returncode
    except FileNotFoundError:
        raise BuildError(f"{command[0]} is missing") from None
    if code:
        raise BuildError(f"{why}; the output is in {log}")


def _newest(paths):
    return max((file.stat().st_mtime for path in paths for file in [ROOT / path, *(ROOT / path).rglob("*")]), default=0)


def _stale(stamp, sources):
    return not stamp.exists() or stamp.stat().st_mtime < _newest(sources)


def jdk():
    found = subprocess.run([ROOT / "scripts/find-jdk"], stdout=subprocess.PIPE, text=True)
    if found.returncode:
        raise BuildError("without a JDK nothing can be measured")
    return found.stdout.strip()


def java_command(home, say):
    """The start of a command that runs a class of the benchmark."""
    TARGET.mkdir(parents=True, exist_ok=True)
    path, stamp = TARGET / "classpath", TARGET / "stamp"
    whole = LIBRARY.exists() and path.exists() and (CLASSES[0] / "dev/tripoint/bench/JavaSide.class").exists()
    if not whole or _stale(stamp, MADE_OF):
        say("Building the benchmark (a few minutes the first time) ...")
        stamp.unlink() if stamp.exists() else None
        started = TARGET / "started"
        started.touch()  # before the build: what is edited meanwhile is newer
        _run(["mvn", "-q", "-B", "-Pjmh,quick", "-Dtripoint.skipChecks", "test-compile", "dependency:build-classpath", f"-Dmdep.outputFile={path}"],
             TARGET / "build.log", "the build failed", env={**os.environ, "JAVA_HOME": home})
        started.rename(stamp)
    classpath = ":".join(map(str, [*CLASSES, path.read_text().strip()]))
    return [f"{home}/bin/java", "--enable-native-access=ALL-UNNAMED", "-cp", classpath]


def djl(home, options, threads, say):
    """The start of a command that runs DJL's side; a sentence where Maven cannot bring DJL."""
    folder, path, stamp = TARGET / "djl", TARGET / "djl-classpath", TARGET / "djl-stamp"
    whole = path.exists() and all(Path(jar).exists() for jar in path.read_text().strip().split(":"))
    if not whole or _stale(stamp, DJL_MADE_OF):
        started = TARGET / "djl-started"
        started.touch()
        build = ["mvn", "-q", "-B", "-f", "src/djl/pom.xml", "compile", "dependency:build-classpath", f"-Dmdep.outputFile={path}"]
        log, why, environment = TARGET / "djl.log", "Maven could not bring DJL or compile src/djl", {**os.environ, "JAVA_HOME": home}
        try:
            _run([*build, "-o"], log, why, env=environment)
        except BuildError:
            say("Fetching DJL by Maven, some 120 MB where it was not used before ...")
            _run(build, log, why, env=environment)
        started.rename(stamp)
    # DJL neither asks nor tells anything on the network, and unpacks its LibTorch here.
    quiet = ["-Dai.djl.offline=true", "-DOPT_OUT_TRACKING=true", f"-DDJL_CACHE_DIR={folder / 'cache'}", "-Dslf4j.internal.verbosity=ERROR"]
    pools = [f"-Dai.djl.pytorch.num_threads={threads}", f"-Dai.djl.pytorch.num_interop_threads={threads}"]
    classpath = f"{folder / 'classes'}:{path.read_text().strip()}"
    return [f"{home}/bin/java", *options, "--enable-native-access=ALL-UNNAMED", *quiet, *pools, "-cp", classpath, "dev.tripoint.bench.djl.DjlSide"]


def model(java, say):
    """The model that `trained` data come from: the default training, made once."""
    if not MODEL.exists():
        say("Training the model whose embeddings are measured ...")
        _run([*java, "dev.tripoint.cli.Main", "train", "--out", MODEL.parent], TARGET / "train.log", "the training failed")


def data(java, folder, sets):
    """Writes sets of data into a folder."""
    made = subprocess.run([*java, "-Xmx2g", "dev.tripoint.bench.BenchmarkData", folder, str(MODEL), *sets], stderr=subprocess.PIPE, text=True)
    if made.returncode:
        raise BuildError("the data could not be written: " + (made.stderr.strip().splitlines() or ["no reason was given"])[0])


def product(libtorch):
    """The C++ program, compiled against a LibTorch; a sentence where that cannot be."""
    source = ROOT / "native/bench/mm_out.cpp"
    program = TARGET / f"mm_out-{Path(libtorch).resolve().name}"
    if not (Path(libtorch) / "include/ATen/ATen.h").exists():
        raise BuildError(f"the LibTorch in {libtorch} has no headers to compile native/bench/mm_out.cpp with")
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        lib = f"{libtorch}/lib"
        include = [f"-isystem{libtorch}/include", f"-isystem{libtorch}/include/torch/csrc/api/include"]
        _run([os.environ.get("CXX", "c++"), "-O2", "-DNDEBUG", "-std=c++20", "-fopenmp", *include, source, "-o", program,
              f"-L{lib}", f"-Wl,-rpath,{lib}", "-Wl,--no-as-needed", "-ltorch_cpu", "-lc10"], TARGET / "mm_out.log", "native/bench/mm_out.cpp did not compile")
    return program
