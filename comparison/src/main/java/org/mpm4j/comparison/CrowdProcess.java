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

  /// Starts the clients of a scenario and waits until each is connected or lost.
  static CrowdProcess start(Processes processes, Scenario scenario, int port) throws IOException {
    List<String> command = Contenders.jvm(List.of("-XX:+UseSerialGC", "-Xmx256m"));
    command.addAll(
        List.of(
            CrowdClients.class.getName(),
            Integer.toString(port),
            scenario.crowd() == Scenario.Crowd.SLOW ? "slow" : "idle",
            Integer.toString(scenario.crowdSize())));
    Process process =
        processes.start(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD));
    CrowdProcess crowd = new CrowdProcess(processes, process);
    try {
      int _ = crowd.number("ready ");
    } catch (IOException e) {
      crowd.close();
      throw e;
    }
    return crowd;
  }

  private int number(String prefix) throws IOException {
    String line = out.readLine();
    if (line == null || !line.startsWith(prefix)) {
      throw new IOException("the " + prefix.strip() + " line of the crowd is missing: " + line);
    }
    return Integer.parseInt(line.substring(prefix.length()));
  }

  /// Asks the clients to end.
  ///
  /// @return how many still had their connection
  int end() throws IOException {
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
    return number("held ");
  }

  @Override
  public void close() {
    processes.end(process);
  }
}
