package org.mpm4j.comparison;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A running [CrowdClients]. For one thread.
final class CrowdProcess implements AutoCloseable {
  private final Processes processes;
  private final Process process;
  private final BufferedReader out;

  private CrowdProcess(Processes processes, Process process) {
    this.processes = processes;
    this.process = process;
    out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
  }

  /// Starts clients; it does not wait for them.
  ///
  /// @param before how many clients others of the same server have, whose addresses are taken
  static CrowdProcess start(
      Processes processes, Scenario.Crowd crowd, int count, int port, int before)
      throws IOException, InterruptedException {
    List<String> command = Contenders.jvm(List.of("-XX:+UseSerialGC", "-Xmx256m"));
    command.addAll(
        List.of(
            CrowdClients.class.getName(),
            Integer.toString(port),
            crowd == Scenario.Crowd.SLOW ? "slow" : "idle",
            Integer.toString(count),
            Integer.toString(before)));
    return new CrowdProcess(
        processes,
        processes.start(
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD)));
  }

  /// Waits until each is connected or lost, or has had a minute.
  ///
  /// @return how many are connected
  int ready() throws IOException {
    return number("ready ");
  }

  /// Makes each idle client that has its connection send one more request.
  void ask() throws IOException {
    say("ask");
  }

  /// Waits until all have the answer to that or are lost, or had a minute.
  ///
  /// @return how many have it
  int answered() throws IOException {
    return number("answered ");
  }

  private void say(String command) throws IOException {
    process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.US_ASCII));
    process.getOutputStream().flush();
  }

  private int number(String prefix) throws IOException {
    String line = out.readLine();
    if (line == null || !line.startsWith(prefix)) {
      throw new IOException("the " + prefix.strip() + " line of the crowd is missing: " + line);
    }
    return Integer.parseInt(line.substring(prefix.length()));
  }

  ProcessTree tree() {
    return new ProcessTree(process.toHandle());
  }

  /// Asks the clients to end.
  ///
  /// @return how many still had their connection
  int end() throws IOException {
    say("end");
    return number("held ");
  }

  @Override
  public void close() {
    processes.end(process);
  }
}
