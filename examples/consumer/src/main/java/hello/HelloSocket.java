package hello;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import org.mpm4j.ChildContext;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmOptions;
import org.mpm4j.ServerApplication;
import org.mpm4j.SocketHandler;

/// Greets with code that knows only sockets.
public final class HelloSocket implements ServerApplication {
  @Override
  public ConnectionHandler open(ChildContext child) {
    return (SocketHandler) HelloSocket::talk;
  }

  private static void talk(Socket socket) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
    OutputStream out = socket.getOutputStream();
    for (String name; (name = in.readLine()) != null; ) {
      String greeting = "Hello, " + name + ", from " + ProcessHandle.current().pid() + "\n";
      out.write(greeting.getBytes(UTF_8));
    }
  }

  /// Serves until TERM or INT comes.
  public static void main(String[] args) throws Exception {
    String address = args.length > 0 ? args[0] : "127.0.0.1:7000";
    MpmConfig config =
        MpmConfig.worker().listen(address).startServers(2).maxRequestWorkers(50).build();
    try (Mpm mpm = Mpm.start(config, HelloSocket.class, MpmOptions.none().withSignals())) {
      System.out.println("ready: " + mpm.addresses().getFirst());
      mpm.join();
    }
  }
}
