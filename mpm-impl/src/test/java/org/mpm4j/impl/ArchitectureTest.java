package org.mpm4j.impl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The walls between the rooms, read from the compiled classes.
class ArchitectureTest {
  private static final String ROOT = "org/mpm4j/impl";
  private static final Pattern ROOM = Pattern.compile(ROOT + "(?:/([a-z]+))?/[A-Z]\\w*");

  /// What each room may use beside itself; `` is the wiring.
  private static final Map<String, Set<String>> ALLOWED =
      Map.of(
          "",
          Set.of("supervisor", "child", "operator", "scoreboard", "os"),
          "supervisor",
          Set.of("control", "scaling", "scoreboard", "os"),
          "child",
          Set.of("control", "scoreboard", "os"),
          "operator",
          Set.of(),
          "control",
          Set.of("os"),
          "scaling",
          Set.of(),
          "scoreboard",
          Set.of(),
          "os",
          Set.of());

  @Test
  void roomsUseOnlyTheRoomsBelowThem() throws IOException {
    Map<String, Set<String>> used = new TreeMap<>();
    for (Path file : classes()) {
      String room = room(file);
      for (String name : names(file)) {
        Matcher other = ROOM.matcher(name);
        while (other.find()) {
          String otherRoom = other.group(1) == null ? "" : other.group(1);
          if (!otherRoom.equals(room)) {
            used.computeIfAbsent(room, _ -> new TreeSet<>()).add(otherRoom);
          }
        }
      }
    }
    assertTrue(used.containsKey("supervisor"), "no class was read");
    used.forEach((room, others) -> {
      others.removeAll(ALLOWED.getOrDefault(room, Set.of()));
      assertEquals(Set.of(), others, "room '" + room + "' must not use");
    });
  }

  @Test
  void onlyTheOsRoomTouchesTheLinker() throws IOException {
    Set<String> offenders = new TreeSet<>();
    for (Path file : classes()) {
      if (!room(file).equals("os")
          && names(file).stream().anyMatch(name -> name.contains("java/lang/foreign/Linker"))) {
        offenders.add(file.getFileName().toString());
      }
    }
    assertEquals(Set.of(), offenders);
  }

  private static Set<Path> classes() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("target/classes", ROOT))) {
      Set<Path> classes =
          new TreeSet<>(files.filter(f -> f.toString().endsWith(".class")).toList());
      assertTrue(classes.size() > 20, "only " + classes);
      return classes;
    }
  }

  private static String room(Path file) {
    Path folder = Path.of("target/classes", ROOT).relativize(file).getParent();
    return folder == null ? "" : folder.toString();
  }

  private static Set<String> names(Path file) {
    Set<String> names = new TreeSet<>();
    try {
      for (PoolEntry entry : ClassFile.of().parse(file).constantPool()) {
        switch (entry) {
          case ClassEntry type -> names.add(type.asInternalName());
          case Utf8Entry text when text.stringValue().startsWith("(") ->
              names.add(text.stringValue());
          default -> {}
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return names;
  }
}
