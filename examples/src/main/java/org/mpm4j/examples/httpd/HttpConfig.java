package org.mpm4j.examples.httpd;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.mpm4j.ConfigException;
import org.mpm4j.Directive;
import org.mpm4j.MpmConfig;
import org.mpm4j.Vocabulary;
import org.mpm4j.http.HeadLimits;
import org.mpm4j.status.Require;

/// This server's own part of the configuration, with httpd's names and defaults.
///
/// @param documentRoot the folder with the files; without it there are none. A relative
///   `DocumentRoot` is relative to `ServerRoot`, and without that to the working directory; [Main]
///   sets `ServerRoot` to the folder of the configuration file
/// @param directoryIndex the files that stand for their folder, in the order in which they are
///   tried
/// @param limitRequestBody bytes; `Long.MAX_VALUE` for any number
/// @param limitRequestLine bytes of the first line
/// @param limitRequestFields how many header fields
/// @param limitRequestFieldSize bytes of one header field
/// @param contentTypes the built-in ones and those of `AddType`
/// @param locations the `<Location>` sections
/// @param statusListen where the supervisor tells how the server is; a reload does not change it
record HttpConfig(
    Optional<Path> documentRoot,
    List<String> directoryIndex,
    long limitRequestBody,
    int limitRequestLine,
    int limitRequestFields,
    int limitRequestFieldSize,
    ContentTypes contentTypes,
    Locations locations,
    Optional<StatusListen> statusListen) {
  private static final long DEFAULT_BODY = 1L << 30;
  private static final int DEFAULT_LINE = 8190;
  private static final int DEFAULT_FIELD_SIZE = 8190;
  private static final int DEFAULT_FIELDS = 100;
  private static final int MOST_LINE = 65_536;
  private static final int MOST_FIELDS = 32_767;
  private static final int MOST_HEAD = 1 << 20;

  /// The `StatusListen` directive.
  ///
  /// @param require who gets an answer
  record StatusListen(InetSocketAddress address, Require require) {}

  /// The directives that this server adds to mpm4j's.
  static Vocabulary vocabulary() {
    Vocabulary inLocation =
        Vocabulary.none()
            .withDirective("SetHandler", 1, 1)
            .withDirective("Require", 1, Integer.MAX_VALUE)
            .withDirective("LimitRequestBody", 1, 1);
    return Vocabulary.none()
        .withModule("authz_core_module", "mod_authz_core.c")
        .withModule("authz_host_module", "mod_authz_host.c")
        .withModule("dir_module", "mod_dir.c")
        .withModule("mime_module", "mod_mime.c")
        .withDirective("ServerRoot", 1, 1)
        .withDirective("ServerName", 1, 1)
        .withDirective("DocumentRoot", 1, 1)
        .withDirective("DirectoryIndex", 1, Integer.MAX_VALUE)
        .withDirective("LimitRequestBody", 1, 1)
        .withDirective("LimitRequestLine", 1, 1)
        .withDirective("LimitRequestFields", 1, 1)
        .withDirective("LimitRequestFieldSize", 1, 1)
        .withDirective("AddType", 2, Integer.MAX_VALUE)
        .withDirective("StatusListen", 1, Integer.MAX_VALUE)
        .withDirective("ExtendedStatus", 1, 1)
        .withModule("status_module", "mod_status.c")
        .withSection("Location", 1, 1, inLocation);
  }

  /// Reads the directives that the vocabulary let pass.
  ///
  /// @throws ConfigException with every error in them
  static HttpConfig of(List<Directive> directives) {
    return new Reader().read(directives);
  }

  /// The limits of the head, and of all of it together, so that its fields cannot add up without
  /// end.
  HeadLimits headLimits() {
    long fields = (long) limitRequestFields * limitRequestFieldSize;
    int head = (int) Math.min(limitRequestLine + fields, MOST_HEAD);
    return new HeadLimits(limitRequestLine, limitRequestFields, limitRequestFieldSize, head);
  }

  /// Collects the values, and the errors rather than stopping at the first.
  private static final class Reader {
    private final List<ConfigException.Problem> problems = new ArrayList<>();
    private final List<Locations.Section> sections = new ArrayList<>();
    private Path serverRoot = Path.of("");
    private @Nullable Directive documentRoot;
    private List<String> directoryIndex = List.of("index.html");
    private long body = DEFAULT_BODY;
    private int line = DEFAULT_LINE;
    private int fields = DEFAULT_FIELDS;
    private int fieldSize = DEFAULT_FIELD_SIZE;
    private ContentTypes types = ContentTypes.BUILT_IN;
    private @Nullable StatusListen statusListen;

    HttpConfig read(List<Directive> directives) {
      for (Directive directive : directives) {
        try {
          take(directive);
        } catch (ConfigException e) {
          problems.addAll(e.problems());
        }
      }
      Optional<Path> root = Optional.ofNullable(documentRoot).map(this::directory);
      if (!problems.isEmpty()) {
        throw new ConfigException(problems);
      }
      return new HttpConfig(
          root,
          directoryIndex,
          body,
          line,
          fields,
          fieldSize,
          types,
          new Locations(body, sections),
          Optional.ofNullable(statusListen));
    }

    private void take(Directive directive) {
      List<String> arguments = directive.arguments();
      switch (directive.name().toLowerCase(Locale.ROOT)) {
        case "serverroot" -> serverRoot = path(directive);
        case "documentroot" -> documentRoot = directive;
        case "directoryindex" -> directoryIndex = indexNames(directive);
        case "limitrequestbody" -> body = bodyLimit(directive);
        case "limitrequestline" -> line = (int) number(directive, 1, MOST_LINE);
        case "limitrequestfields" -> fields = fields(directive);
        case "limitrequestfieldsize" -> fieldSize = (int) number(directive, 1, MOST_LINE);
        case "addtype" ->
            types = types.with(arguments.getFirst(), arguments.subList(1, arguments.size()));
        case "extendedstatus" -> refuseUnlessSwitch(directive); // it is always on
        case "statuslisten" -> statusListen = statusListen(directive);
        case "location" -> sections.add(section(directive));
        default -> {} // ServerName: for the reader of the file; redirects are relative
      }
    }

    private static void refuseUnlessSwitch(Directive directive) {
      String value = directive.arguments().getFirst();
      if (!value.equalsIgnoreCase("On") && !value.equalsIgnoreCase("Off")) {
        throw directive.error("\"" + value + "\" is not a switch; expected On or Off");
      }
    }

    private static List<String> indexNames(Directive directive) {
      List<String> names = directive.arguments();
      if (names.equals(List.of("disabled"))) {
        return List.of();
      }
      for (String name : names) {
        if (name.indexOf('/') >= 0) {
          throw directive.error("\"" + name + "\" is a path; expected names of files");
        }
      }
      return names;
    }

    private static int fields(Directive directive) {
      int most = (int) number(directive, 0, MOST_FIELDS);
      return most == 0 ? MOST_FIELDS : most;
    }

    private static long bodyLimit(Directive directive) {
      long limit = number(directive, 0, Long.MAX_VALUE);
      return limit == 0 ? Long.MAX_VALUE : limit;
    }

    private static long number(Directive directive, long least, long most) {
      String text = directive.arguments().getFirst();
      try {
        long value = text.matches("[0-9]{1,19}") ? Long.parseLong(text) : -1;
        if (value >= least && value <= most) {
          return value;
        }
      } catch (NumberFormatException _) {
        // more than a long holds: reported below
      }
      throw directive.error("\"" + text + "\" is not a number from " + least + " to " + most);
    }

    private static Path path(Directive directive) {
      String text = directive.arguments().getFirst();
      try {
        return Path.of(text);
      } catch (InvalidPathException e) {
        throw directive.error("\"" + text + "\" is no path: " + e.getReason());
      }
    }

    /// The folder that `directive` names; an error in it ends up with the other problems.
    private Path directory(Directive directive) {
      try {
        Path path = serverRoot.resolve(path(directive)).toAbsolutePath().normalize();
        if (!Files.isDirectory(path)) {
          throw directive.error("\"" + path + "\" is not a folder that can be read");
        }
        return path;
      } catch (ConfigException e) {
        problems.addAll(e.problems());
        return serverRoot;
      }
    }

    private Locations.Section section(Directive section) {
      String prefix = section.arguments().getFirst();
      if (!prefix.startsWith("/") || prefix.matches(".*[*?\\[\\]].*")) {
        throw section.error(
            "\"" + prefix + "\" is no path such as \"/status\"; patterns are not supported");
      }
      Optional<HandlerName> handler = Optional.empty();
      OptionalLong limit = OptionalLong.empty();
      List<Require> requirements = new ArrayList<>();
      for (Directive directive : section.children()) {
        switch (directive.name().toLowerCase(Locale.ROOT)) {
          case "sethandler" -> handler = Optional.of(handler(directive));
          case "limitrequestbody" -> limit = OptionalLong.of(bodyLimit(directive));
          default -> requirements.add(checked(directive, it -> Require.of(it.arguments())));
        }
      }
      return new Locations.Section(prefix, handler, required(requirements, handler), limit);
    }

    /// A status page is for this machine alone unless something else is said.
    private static Optional<Require> required(
        List<Require> requirements, Optional<HandlerName> handler) {
      if (!requirements.isEmpty()) {
        return Optional.of(Require.anyOf(requirements));
      }
      return handler.filter(name -> name == HandlerName.SERVER_STATUS).map(_ -> Require.local());
    }

    private static HandlerName handler(Directive directive) {
      String word = directive.arguments().getFirst();
      return HandlerName.of(word)
          .orElseThrow(() ->
              directive.error("\"" + word + "\" is no handler; expected " + HandlerName.list()));
    }

    /// The address, and perhaps who may ask there, in the words of `Require`.
    private static StatusListen statusListen(Directive directive) {
      List<String> arguments = directive.arguments();
      List<String> words = arguments.subList(1, arguments.size());
      return new StatusListen(
          checked(directive, it -> internet(it.arguments().getFirst())),
          words.isEmpty() ? Require.local() : checked(directive, _ -> Require.of(words)));
    }

    /// Reads an address as `Listen` does, which may not be a Unix socket here.
    private static InetSocketAddress internet(String text) {
      SocketAddress address;
      try {
        address = MpmConfig.prefork().listen(text).build().listen().getFirst();
      } catch (ConfigException e) {
        throw new IllegalArgumentException(e.problems().getFirst().message(), e);
      }
      if (address instanceof InetSocketAddress inet) {
        return inet;
      }
      throw new IllegalArgumentException("\"" + text + "\" is not of the internet");
    }

    private static <T> T checked(Directive directive, Function<Directive, T> reader) {
      try {
        return reader.apply(directive);
      } catch (IllegalArgumentException e) {
        throw directive.error(String.valueOf(e.getMessage()));
      }
    }
  }
}
