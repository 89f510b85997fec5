package org.mpm4j;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Reads a configuration from its three layers: the defaults of the server's vocabulary, the file,
/// and the overrides.
final class ConfigFile {
  private static final int LARGEST = 16 << 20;

  private ConfigFile() {}

  static MpmConfig load(Path file, List<String> overrides, Vocabulary vocabulary) {
    return parse(file.toString(), read(file), overrides, vocabulary);
  }

  static MpmConfig parse(
      String sourceName, String text, List<String> overrides, Vocabulary vocabulary) {
    return parse(sourceName, text, overrides, vocabulary, InetAddress::getByName);
  }

  static MpmConfig parse(
      String sourceName,
      String text,
      List<String> overrides,
      Vocabulary vocabulary,
      ListenAddress.Resolver resolver) {
    Draft draft = new Draft(ProcessModel.EVENT);
    List<Statement> before = singles("default", vocabulary.defaults(), draft);
    List<Statement> file = StatementReader.file(sourceName, text, draft);
    List<Statement> after = singles("-c", overrides, draft);

    ModelChoice.of(before, file, after, vocabulary).settle(draft);
    Interpreter interpreter = new Interpreter(draft, vocabulary, resolver);
    interpreter.layer(before);
    interpreter.layer(file);
    interpreter.layer(after);
    return draft.toConfig(new Location(sourceName, 0));
  }

  private static List<Statement> singles(String origin, List<String> directives, Draft draft) {
    List<Statement> statements = new ArrayList<>();
    for (String directive : directives) {
      Location source = new Location(origin + " " + Syntax.shown(directive), 0);
      statements.addAll(StatementReader.single(source, directive, draft));
    }
    return statements;
  }

  private static String read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(LARGEST + 1);
      if (bytes.length > LARGEST) {
        throw unreadable(file, 0, "is larger than " + LARGEST + " bytes");
      }
      return decode(file, bytes);
    } catch (NoSuchFileException _) {
      throw unreadable(file, 0, "does not exist");
    } catch (AccessDeniedException _) {
      throw unreadable(file, 0, "may not be read");
    } catch (IOException e) {
      throw unreadable(file, 0, "cannot be read: " + e.getMessage());
    }
  }

  private static String decode(Path file, byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    if (StandardCharsets.UTF_8.newDecoder().decode(in, out, true).isError()) {
      int line = 1;
      for (int i = 0; i < in.position(); i++) {
        line += bytes[i] == '\n' ? 1 : 0;
      }
      throw unreadable(file, line, "is not in UTF-8 here");
    }
    return out.flip().toString();
  }

  private static ConfigException unreadable(Path file, int line, String what) {
    return new ConfigException(
        List.of(
            new ConfigException.Problem(
                new Location(file.toString(), line),
                "the file " + what + "; expected a readable text file in UTF-8")));
  }
}
