package dev.tripoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFolderTest {
  private static final Set<String> FILES = Set.of("a", "b");

  /** A process id that no process has. */
  private static final String DEAD = "99999999";

  @TempDir Path folder;

  @Test
  void nothingIsThereBeforeTheCommitAndAllAfterwards() throws IOException {
    Path target = folder.resolve("deep/run");
    try (AtomicFolder run = AtomicFolder.open(target, FILES, "a")) {
      Files.writeString(run.path().resolve("a"), "1");
      assertThat(target).doesNotExist();
      run.commit();
    }
    assertThat(target.resolve("a")).hasContent("1");
    assertThat(names(target.getParent())).containsExactly("run");
  }

  @Test
  void withoutACommitNothingIsLeft() throws IOException {
    try (AtomicFolder run = AtomicFolder.open(folder.resolve("run"), FILES, "a")) {
      Files.writeString(run.path().resolve("a"), "1");
    }
    assertThat(names(folder)).isEmpty();
  }

  @Test
  void anEarlierRunAndAnEmptyFolderAreReplaced() throws IOException {
    Path target = Files.createDirectory(folder.resolve("run"));
    commit(target, "first");
    commit(target, "second");
    assertThat(target.resolve("a")).hasContent("second");
    assertThat(names(folder)).containsExactly("run");
  }

  @Test
  void anythingElseIsRefusedAndLeftAlone() throws IOException {
    Path target = Files.createDirectory(folder.resolve("run"));
    Files.writeString(target.resolve("thesis.txt"), "mine");
    refused(target, "thesis.txt");
    Files.move(target.resolve("thesis.txt"), target.resolve("b"));
    refused(target, "not the folder of an earlier run");
    assertThat(target.resolve("b")).hasContent("mine");
    Path file = Files.writeString(folder.resolve("file"), "x");
    refused(file, "is a file");
    refused(file.resolve("inside"), "file");
    assertThat(names(folder)).containsExactlyInAnyOrder("run", "file");
  }

  @Test
  void aKilledProcessesLeftoversAreRemovedAndALivingOnesKept() throws IOException {
    Path dead = Files.createDirectory(folder.resolve(".run.tripoint-new-" + DEAD));
    Files.writeString(dead.resolve("a"), "half");
    long parent = ProcessHandle.current().parent().orElseThrow().pid();
    Path living = Files.createDirectory(folder.resolve(".run.tripoint-new-" + parent));
    commit(folder.resolve("run"), "whole");
    assertThat(dead).doesNotExist();
    assertThat(living).exists();
    assertThat(folder.resolve("run/a")).hasContent("whole");
  }

  @Test
  void aFolderThatWasMovedAwayAndNotReplacedIsPutBack() throws IOException {
    Path old = Files.createDirectory(folder.resolve(".run.tripoint-old-" + DEAD));
    Files.writeString(old.resolve("a"), "earlier");
    try (AtomicFolder _ = AtomicFolder.open(folder.resolve("run"), FILES, "a")) {
      assertThat(folder.resolve("run/a")).hasContent("earlier");
    }
    assertThat(names(folder)).containsExactly("run");
  }

  private static void commit(Path target, String content) throws IOException {
    try (AtomicFolder run = AtomicFolder.open(target, FILES, "a")) {
      Files.writeString(run.path().resolve("a"), content);
      run.commit();
    }
  }

  private static void refused(Path target, String reason) {
    assertThatThrownBy(() -> AtomicFolder.open(target, FILES, "a"))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(target.toString())
        .hasMessageContaining(reason)
        .satisfies(NpyTest::isOneSentence);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(p -> p.getFileName().toString()).toList();
    }
  }
}
