package org.mpm4j.impl.control;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// What a supervisor and a child say to each other on the control socket. The end of the stream
/// says that the other one has died.
public sealed interface ControlMessage {
  /// Supervisor to child, first and once: what to serve.
  ///
  /// @param slot the child's slot in the scoreboard
  /// @param generation of the configuration
  /// @param applicationClass the name of a [org.mpm4j.ServerApplication]
  /// @param directives the configuration, as [org.mpm4j.MpmConfig#toDirectives()] writes it
  /// @param listeners how many listening sockets the child inherits
  record Serve(int slot, int generation, String applicationClass, String directives, int listeners)
      implements ControlMessage {}

  /// Supervisor to child: leave new connections to the siblings, or take them again; what is
  /// connected is served as ever.
  ///
  /// @param accepting whether to accept
  record Accept(boolean accepting) implements ControlMessage {}

  /// Supervisor to child: accept no more, serve out what is connected, then exit.
  ///
  /// @param backlogToo whether to accept first what waits in the backlog, because nobody else will
  record Drain(boolean backlogToo) implements ControlMessage {}

  /// Supervisor to child: answer with a [ThreadDump].
  record DumpThreads() implements ControlMessage {}

  /// Child to supervisor: the application is open and the child accepts.
  record Ready() implements ControlMessage {}

  /// Child to supervisor: it cannot serve and exits.
  ///
  /// @param reason one line
  /// @param trace the stack trace
  record Failed(String reason, String trace) implements ControlMessage {}

  /// Child to supervisor: it should be replaced; until then it goes on.
  ///
  /// @param reason one line, such as that `MaxConnectionsPerChild` was reached
  record RecycleDue(String reason) implements ControlMessage {}

  /// Child to supervisor: what each of its threads is doing.
  ///
  /// @param text as `jcmd PID Thread.print` prints it
  record ThreadDump(String text) implements ControlMessage {}

  /// Child to supervisor: it drains by its own decision.
  ///
  /// @param reason one line, such as that a handler ran out of memory
  record Draining(String reason) implements ControlMessage {}

  /// This message as a type byte and its fields.
  default byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      switch (this) {
        case Serve serve -> {
          out.writeByte('S');
          out.writeInt(serve.slot);
          out.writeInt(serve.generation);
          writeText(out, serve.applicationClass);
          writeText(out, serve.directives);
          out.writeInt(serve.listeners);
        }
        case Accept accept -> {
          out.writeByte('A');
          out.writeBoolean(accept.accepting);
        }
        case Drain drain -> {
          out.writeByte('D');
          out.writeBoolean(drain.backlogToo);
        }
        case DumpThreads _ -> out.writeByte('T');
        case Ready _ -> out.writeByte('R');
        case Failed failed -> {
          out.writeByte('F');
          writeText(out, failed.reason);
          writeText(out, failed.trace);
        }
        case RecycleDue due -> {
          out.writeByte('C');
          writeText(out, due.reason);
        }
        case ThreadDump dump -> {
          out.writeByte('P');
          writeText(out, dump.text);
        }
        case Draining draining -> {
          out.writeByte('G');
          writeText(out, draining.reason);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return bytes.toByteArray();
  }

  /// The message that [#encode()] made these bytes of.
  ///
  /// @throws IOException if they are none
  static ControlMessage decode(byte[] bytes) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    int type = in.readByte();
    return switch (type) {
      case 'S' -> new Serve(in.readInt(), in.readInt(), readText(in), readText(in), in.readInt());
      case 'A' -> new Accept(in.readBoolean());
      case 'D' -> new Drain(in.readBoolean());
      case 'T' -> new DumpThreads();
      case 'R' -> new Ready();
      case 'F' -> new Failed(readText(in), readText(in));
      case 'C' -> new RecycleDue(readText(in));
      case 'P' -> new ThreadDump(readText(in));
      case 'G' -> new Draining(readText(in));
      default -> throw new IOException("unknown control message of type " + type);
    };
  }

  private static void writeText(DataOutputStream out, String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(utf8.length);
    out.write(utf8);
  }

  private static String readText(DataInputStream in) throws IOException {
    int length = in.readInt();
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }
}
