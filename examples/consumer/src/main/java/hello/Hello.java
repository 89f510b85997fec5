package hello;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.mpm4j.ChildContext;
import org.mpm4j.Connection;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.Disposition;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmOptions;
import org.mpm4j.ServerApplication;

/// Answers each line with a greeting and the process that it comes from.
public final class Hello implements ServerApplication {
  private static final String GREETING = System.getProperty("hello.greeting", "Hello");
  private static final int LONGEST_LINE = 8_000;

  @Override
  public ConnectionHandler open(ChildContext child) { // once in each child
    return Hello::serve;
  }

  private static Disposition serve(Connection connection) throws IOException {
    ByteBuffer input = connection.input();
    for (int i = input.position(); i < input.limit(); i++) {
      if (input.get(i) == '\n') {
        byte[] name = new byte[i - input.position()];
        input.get(name).get(); // the line and its end are consumed, the next line stays
        connection.write(UTF_8.encode(greeting(new String(name, UTF_8))));
        return Disposition.KEEP_ALIVE;
      }
    }
    return input.remaining() < LONGEST_LINE ? Disposition.AWAIT_READABLE : Disposition.ABORT;
  }

  private static String greeting(String name) {
    return GREETING + ", " + name.strip() + ", from " + ProcessHandle.current().pid() + "\n";
  }

  /// Serves until TERM or INT comes.
  public static void main(String[] args) throws Exception { // not in the children
    String address = args.length > 0 ? args[0] : "127.0.0.1:7000";
    MpmConfig config = // two children with ThreadsPerChild 25 each
        MpmConfig.event().listen(address).startServers(2).maxRequestWorkers(50).build();
    try (Mpm mpm = Mpm.start(config, Hello.class, MpmOptions.none().withSignals())) {
      System.out.println("ready: " + mpm.addresses().getFirst());
      mpm.join();
    }
  }
}
