package org.mpm4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Gives statements their meaning: sets values in the draft and hands over the server's directives.
/// Errors become problems of the draft, and interpreting goes on.
final class Interpreter {
  static final String IF_MODULE = "IfModule";

  private static final Map<String, Setting<?>> SETTINGS =
      Setting.ALL.stream()
          .collect(Collectors.toUnmodifiableMap(setting -> key(setting.name()), s -> s));

  /// Former names, which httpd accepts too.
  private static final Map<String, Setting<?>> FORMER =
      Map.of(
          "maxclients", Setting.MAX_REQUEST_WORKERS,
          "maxrequestsperchild", Setting.MAX_CONNECTIONS_PER_CHILD);

  /// Directives of httpd's process models that mean nothing to a JVM, and why they are ignored. A
  /// server may still have one of these names in its vocabulary.
  private static final Map<String, String> IGNORED =
      Map.of(
          "coredumpdirectory", "is for httpd's own processes; use ChildJvmOption -XX:ErrorFile",
          "enableexceptionhook", "is for httpd's own processes",
          "extendedstatus", "is not needed, counting is always on",
          "listencoresbucketsratio", "is not needed, all children share the listening sockets",
          "maxmemfree", "is for httpd's own memory; use ChildJvmOption -Xmx",
          "mutex", "is not needed, accepting takes no lock",
          "threadstacksize", "is for httpd's own threads; use ChildJvmOption -Xss");

  /// Directives that cannot be ignored, and what to do instead.
  private static final Map<String, String> UNSUPPORTED =
      Map.of(
          "define", "is not supported; write the value where it is used",
          "ifdefine", "is not supported; use overrides",
          "ifversion", "is not supported",
          "include", "is not supported; put all directives into one file",
          "includeoptional", "is not supported; put all directives into one file");

  /// The directives that are no [Setting], and how each is carried out.
  private static final Map<String, Special> SPECIALS =
      Map.of(
          "mpm",
          new Special("Mpm", 1, 1, "prefork, worker or event", Interpreter::mpm),
          "loadmodule",
          new Special("LoadModule", 2, 2, "a module and its file", Interpreter::loadModule),
          "listen",
          new Special("Listen", 1, 2, ListenAddress.EXPECTATION, Interpreter::listen),
          "childjvmoption",
          new Special(
              "ChildJvmOption", 1, Integer.MAX_VALUE, "options of the JVM", Interpreter::jvmOption),
          "childenvironment",
          new Special("ChildEnvironment", 2, 2, "a name and a value", Interpreter::environment));

  private final Draft draft;
  private final Vocabulary vocabulary;
  private final ListenAddress.Resolver resolver;

  /// Whether the layer has listened already, and so replaced what the layers before listen to.
  private boolean listened;

  private record Special(String name, int atLeast, int atMost, String expectation, Action action) {}

  /// What a directive does; what it refuses by an [IllegalArgumentException] becomes a problem.
  @FunctionalInterface
  private interface Action {
    void run(Interpreter interpreter, Statement statement, List<String> arguments);
  }

  Interpreter(Draft draft, Vocabulary vocabulary, ListenAddress.Resolver resolver) {
    for (String name : vocabulary.names()) {
      if (isOwn(name)) {
        throw new IllegalArgumentException(name + " is a directive of mpm4j already");
      }
    }
    this.draft = draft;
    this.vocabulary = vocabulary;
    this.resolver = resolver;
  }

  /// Interprets one layer; its values replace those of the layers before.
  void layer(List<Statement> statements) {
    listened = false;
    topLevel(statements);
  }

  private void topLevel(List<Statement> statements) {
    for (Statement statement : statements) {
      String key = key(statement.name());
      if (statement.named(IF_MODULE)) {
        ifModule(statement, this::topLevel);
      } else if (known(key)) {
        own(statement, key);
      } else if (vocabulary.find(key, statement.section()).isPresent()) {
        server(statement, vocabulary, draft::serverDirective);
      } else if (IGNORED.containsKey(key) && !statement.section()) {
        arguments(statement).ifPresent(words -> ignore(statement, words, IGNORED.get(key)));
      } else {
        unknown(statement, vocabulary, true);
      }
    }
  }

  /// Interprets what stands inside a section of the server.
  private void inside(
      List<Statement> statements, Vocabulary level, Consumer<Directive> directives) {
    for (Statement statement : statements) {
      if (statement.named(IF_MODULE)) {
        ifModule(statement, taken -> inside(taken, level, directives));
      } else if (level.find(statement.name(), statement.section()).isPresent()) {
        server(statement, level, directives);
      } else {
        unknown(statement, level, false);
      }
    }
  }

  /// Whether `name` has a meaning of its own outside of the server's sections.
  static boolean isOwn(String name) {
    return name.equalsIgnoreCase(IF_MODULE) || known(key(name));
  }

  private static boolean known(String key) {
    return SETTINGS.containsKey(key) || FORMER.containsKey(key) || SPECIALS.containsKey(key);
  }

  private void ifModule(Statement statement, Consumer<List<Statement>> contents) {
    if (!statement.section()) {
      problem(statement, "is a section; expected <IfModule name>");
      return;
    }
    arguments(statement, 1, 1, "the name of a module")
        .filter(words -> ModelChoice.taken(words.getFirst(), this::loaded))
        .ifPresent(_ -> contents.accept(statement.children()));
  }

  private boolean loaded(String module) {
    return vocabulary.modules().contains(module)
        || ProcessModel.ofModule(module).filter(draft.model()::equals).isPresent();
  }

  private void own(Statement statement, String key) {
    if (statement.section()) {
      problem(statement, "is a directive and no section; expected it without brackets");
      return;
    }
    Special special = SPECIALS.get(key);
    Setting<?> setting = SETTINGS.get(key);
    Setting<?> former = FORMER.get(key);
    if (special != null) {
      arguments(statement, special.atLeast(), special.atMost(), special.expectation())
          .ifPresent(words ->
              draft.attempt(
                  special.name(),
                  statement.location(),
                  () -> special.action().run(this, statement, words)));
    } else if (setting != null) {
      set(statement, setting);
    } else if (former != null) {
      arguments(statement)
          .ifPresent(words ->
              draft.note(
                  new Correction(
                      statement.location(),
                      statement.name(),
                      String.join(" ", words),
                      former.name(),
                      "is the former name")));
      set(statement, former);
    }
  }

  private <T> void set(Statement statement, Setting<T> setting) {
    ValueKind<T> kind = setting.kind();
    arguments(statement)
        .map(words -> withoutForeign(statement, setting, words))
        .filter(words -> !words.isEmpty() || isBare(statement))
        .flatMap(words ->
            counted(statement, words, 1, kind.mostArguments(), kind.expectation(draft.model())))
        .ifPresent(words ->
            draft.attempt(
                setting.name(),
                statement.location(),
                () -> {
                  T value = kind.read(words, draft.model());
                  draft.set(setting, combined(setting, words, value), statement.location());
                }));
  }

  private static boolean isBare(Statement statement) {
    return statement.arguments().isEmpty();
  }

  /// The arguments without those about protocols that the server does not speak, which are noted.
  private List<String> withoutForeign(Statement statement, Setting<?> setting, List<String> words) {
    if (setting == Setting.ACCEPT_FILTER
        && words.size() == 2
        && !words.getFirst().equalsIgnoreCase("http")) {
      ignore(statement, words, "is about another protocol than http");
      return List.of();
    }
    if (setting == Setting.REQUEST_READ_TIMEOUT) {
      List<String> handshakes =
          words.stream().filter(word -> key(word).startsWith("handshake=")).toList();
      if (!handshakes.isEmpty()) {
        ignore(statement, handshakes, "is about TLS, which the server's own code would do");
      }
      return words.stream().filter(word -> !handshakes.contains(word)).toList();
    }
    return words;
  }

  /// The value with what an earlier directive said about the stages that this one leaves out.
  private <T> T combined(Setting<T> setting, List<String> words, T value) {
    if (setting != Setting.REQUEST_READ_TIMEOUT) {
      return value;
    }
    Optional<Draft.Given> before = draft.given(setting);
    if (before.isEmpty()) {
      return value;
    }
    List<String> all = new ArrayList<>(setting.write(before.get().value()));
    all.addAll(words);
    return setting.kind().read(all, draft.model());
  }

  private void mpm(Statement statement, List<String> words) {
    if (ProcessModel.named(words.getFirst()).isEmpty()) {
      throw new IllegalArgumentException(
          Syntax.shown(words.getFirst())
              + " is not a process model; expected prefork, worker or event");
    }
  }

  private void loadModule(Statement statement, List<String> words) {
    if (ProcessModel.ofModule(words.getFirst()).isEmpty()
        && !vocabulary.modules().contains(words.getFirst())) {
      ignore(statement, words, "is a module of httpd");
    }
  }

  private void listen(Statement statement, List<String> words) {
    if (!listened) {
      listened = true;
      draft.forgetListeners();
    }
    if (words.size() == 2 && !words.get(1).equalsIgnoreCase("http")) {
      draft.note(
          new Correction(
              statement.location(),
              statement.name(),
              String.join(" ", words),
              words.getFirst(),
              "names a protocol other than http"));
    }
    draft.listen(words.getFirst(), resolver, statement.location());
  }

  private void jvmOption(Statement statement, List<String> words) {
    for (String word : words) {
      draft.jvmOption(word, statement.location());
    }
  }

  private void environment(Statement statement, List<String> words) {
    draft.environment(words.getFirst(), words.get(1), statement.location());
  }

  private void server(Statement statement, Vocabulary level, Consumer<Directive> directives) {
    Vocabulary.Entry entry = level.find(statement.name(), statement.section()).orElseThrow();
    if (entry.inside().isPresent() != statement.section()) {
      problem(
          statement,
          statement.section()
              ? "is a directive and no section; expected it without brackets"
              : "is a section; expected <" + entry.name() + ">");
      return;
    }
    Optional<List<String>> words =
        arguments(
            statement,
            entry.atLeast(),
            entry.atMost(),
            expectedCount(entry.atLeast(), entry.atMost()));
    List<Directive> children = new ArrayList<>();
    entry.inside().ifPresent(inner -> inside(statement.children(), inner, children::add));
    words.ifPresent(arguments ->
        directives.accept(
            new Directive(
                entry.name(), arguments, statement.section(), children, statement.location())));
  }

  private static String expectedCount(int atLeast, int atMost) {
    if (atLeast == atMost) {
      return String.valueOf(atLeast);
    }
    return atMost == Integer.MAX_VALUE ? atLeast + " or more" : atLeast + " to " + atMost;
  }

  private void unknown(Statement statement, Vocabulary level, boolean top) {
    String key = key(statement.name());
    if (!top && known(key)) {
      problem(statement, "is not allowed inside a section; expected it outside");
      return;
    }
    if (UNSUPPORTED.containsKey(key)) {
      problem(statement, UNSUPPORTED.get(key));
      return;
    }
    List<String> sections = vocabulary.sectionsWith(statement.name());
    if (!sections.isEmpty()) {
      problem(statement, "is not allowed here; expected it in <" + sections.getFirst() + ">");
      return;
    }
    Stream<String> own =
        Stream.of(
                Setting.ALL.stream().map(Setting::name),
                SPECIALS.values().stream().map(Special::name).sorted(),
                Stream.of(IF_MODULE))
            .flatMap(names -> names);
    String hint =
        Spelling.closest(
                statement.name(), Stream.concat(top ? own : Stream.of(), level.names().stream()))
            .map(name -> "; did you mean " + name + "?")
            .orElse("; expected a directive of mpm4j or of the server");
    problem(statement, "is unknown" + hint);
  }

  private Optional<List<String>> arguments(
      Statement statement, int atLeast, int atMost, String expectation) {
    return arguments(statement)
        .flatMap(words -> counted(statement, words, atLeast, atMost, expectation));
  }

  private Optional<List<String>> counted(
      Statement statement, List<String> words, int atLeast, int atMost, String expectation) {
    int count = words.size();
    if (count >= atLeast && count <= atMost) {
      return Optional.of(words);
    }
    boolean comment = count > atMost && words.stream().anyMatch(word -> word.startsWith("#"));
    problem(
        statement,
        (count == 0 ? "no argument" : count == 1 ? "1 argument" : count + " arguments")
            + "; expected "
            + expectation
            + (comment ? "; a comment needs a line of its own" : ""));
    return Optional.empty();
  }

  private Optional<List<String>> arguments(Statement statement) {
    try {
      return Optional.of(statement.arguments());
    } catch (IllegalArgumentException e) {
      problem(statement, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private void ignore(Statement statement, List<String> words, String why) {
    draft.note(
        new Correction(statement.location(), statement.name(), String.join(" ", words), "", why));
  }

  private void problem(Statement statement, String message) {
    draft.problem(statement.location(), statement.title() + ": " + message);
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
