package org.mpm4j;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What an embedding server adds to the configuration language: directives, sections, modules, and
/// the directives it starts from.
///
/// Names that neither the server nor mpm4j knows are errors, as in httpd; mpm4j's own directives
/// may not be declared again, except inside sections. A vocabulary is immutable, each method
/// returns a larger one:
///
/// ```java
/// Vocabulary.none()
///     .withModule("status_module", "mod_status.c")
///     .withDefaults("Listen 8080")
///     .withSection("Location", 1, 1,
///         Vocabulary.none()
///             .withDirective("SetHandler", 1, 1)
///             .withDirective("Require", 1, Integer.MAX_VALUE));
/// ```
public final class Vocabulary {
  private static final Vocabulary NONE = new Vocabulary(Map.of(), List.of(), List.of(), false);
  private static final Vocabulary ANY = new Vocabulary(Map.of(), List.of(), List.of(), true);

  /// A name that may be used.
  ///
  /// @param name its spelling
  /// @param atLeast the arguments it needs
  /// @param atMost the arguments it takes
  /// @param inside what may stand inside the section; empty if this is a plain directive
  record Entry(String name, int atLeast, int atMost, Optional<Vocabulary> inside) {}

  private final Map<String, Entry> entries;
  private final List<String> modules;
  private final List<String> defaults;
  private final boolean open;

  private Vocabulary(
      Map<String, Entry> entries, List<String> modules, List<String> defaults, boolean open) {
    this.entries = Collections.unmodifiableMap(entries);
    this.modules = List.copyOf(modules);
    this.defaults = List.copyOf(defaults);
    this.open = open;
  }

  /// The vocabulary of a server that adds nothing.
  ///
  /// @return the empty vocabulary
  public static Vocabulary none() {
    return NONE;
  }

  /// A vocabulary that accepts every name with any arguments, everywhere. It is meant for reading
  /// back what [MpmConfig#toDirectives()] wrote, which has been checked already.
  ///
  /// @return the open vocabulary
  public static Vocabulary any() {
    return ANY;
  }

  /// Adds a directive.
  ///
  /// @param name its name; upper and lower case do not matter where it is used
  /// @param atLeast how many arguments it needs
  /// @param atMost how many arguments it takes
  /// @return this vocabulary and the directive
  /// @throws IllegalArgumentException if the name is no name or the bounds are not in order
  public Vocabulary withDirective(String name, int atLeast, int atMost) {
    return with(new Entry(name, atLeast, atMost, Optional.empty()));
  }

  /// Adds a section.
  ///
  /// @param name its name, without angle brackets
  /// @param atLeast how many arguments it needs
  /// @param atMost how many arguments it takes
  /// @param inside what may stand inside; modules and defaults of it do not count
  /// @return this vocabulary and the section
  /// @throws IllegalArgumentException if the name is no name or the bounds are not in order
  public Vocabulary withSection(String name, int atLeast, int atMost, Vocabulary inside) {
    return with(new Entry(name, atLeast, atMost, Optional.of(inside)));
  }

  /// Adds a module that `<IfModule>` finds loaded.
  ///
  /// @param names its names, usually the identifier and the source file: `status_module`,
  ///   `mod_status.c`
  /// @return this vocabulary and the module
  public Vocabulary withModule(String... names) {
    return new Vocabulary(entries, concat(modules, names), defaults, open);
  }

  /// Adds directives that are processed before the file, as httpd does for `-C`: the server's own
  /// defaults, which the file and the overrides replace.
  ///
  /// @param directives each a directive such as `Listen 8080`
  /// @return this vocabulary and the defaults
  public Vocabulary withDefaults(String... directives) {
    return new Vocabulary(entries, modules, concat(defaults, directives), open);
  }

  private Vocabulary with(Entry entry) {
    if (!Syntax.isName(entry.name())) {
      throw new IllegalArgumentException(entry.name() + " is not a name of letters and digits");
    }
    if (entry.atLeast() < 0 || entry.atMost() < entry.atLeast()) {
      throw new IllegalArgumentException(
          entry.name() + ": " + entry.atLeast() + " to " + entry.atMost() + " arguments");
    }
    Map<String, Entry> more = new TreeMap<>(entries);
    more.put(key(entry.name()), entry);
    return new Vocabulary(more, modules, defaults, open);
  }

  /// The entry for `name`; an open vocabulary knows every name.
  Optional<Entry> find(String name, boolean section) {
    Entry entry = entries.get(key(name));
    if (entry == null && open) {
      entry = new Entry(name, 0, Integer.MAX_VALUE, section ? Optional.of(ANY) : Optional.empty());
    }
    return Optional.ofNullable(entry);
  }

  /// The names that may be used at this level, in their own spelling.
  List<String> names() {
    return entries.values().stream().map(Entry::name).toList();
  }

  /// The sections, at any depth, inside which `name` may stand.
  List<String> sectionsWith(String name) {
    List<String> found = new ArrayList<>();
    for (Entry section : entries.values()) {
      if (section.inside().isPresent()) {
        if (section.inside().get().entries.containsKey(key(name))) {
          found.add(section.name());
        }
        found.addAll(section.inside().get().sectionsWith(name));
      }
    }
    return found.stream().distinct().toList();
  }

  List<String> modules() {
    return modules;
  }

  List<String> defaults() {
    return defaults;
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private static List<String> concat(List<String> first, String... second) {
    List<String> all = new ArrayList<>(first);
    all.addAll(List.of(second));
    return all;
  }
}
