"""The machine that was measured on."""
import os
import platform

FEATURES = ["avx2", "fma", "avx512f", "avx512bw", "avx512_vnni", "avx_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_bf16", "amx_int8"]


def _cpuinfo():
    found = {}
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            name, _, value = line.partition(":")
            found.setdefault(name.strip(), value.strip())
    return found


def describe(threads, java):
    """The processor, the kernel and the load, with what the Java side says of itself."""
    processor = _cpuinfo()
    flags = processor.get("flags", "").split()
    return {
        "cpu": processor.get("model name", platform.machine()),
        "family": " ".join(processor.get(k, "?") for k in ("vendor_id", "cpu family", "model", "stepping")),
        "cores": len(os.sched_getaffinity(0)),
        "threads": threads,
        "features": [f for f in FEATURES if f in flags],
        "cache": processor.get("cache size"),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "libtorch": java.get("libtorch"),
        "libtorch_features": java.get("capability"),
        "jdk": java.get("jdk"),
        "kernel": platform.release(),
        "load": list(os.getloadavg()),
        "versions": {},
    }
