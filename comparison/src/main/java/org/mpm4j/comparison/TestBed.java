package org.mpm4j.comparison;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;

/// What a run stands on. For one thread.
///
/// @param processes all that it starts; they end with it
/// @param folder temporary, for what servers and load generators need and write
/// @param files what the servers serve
/// @param loads puts them under load
/// @param progress gets a line for each measurement
record TestBed(
    Processes processes, Path folder, Path files, LoadGenerator loads, PrintStream progress)
    implements AutoCloseable {
  static TestBed open(PrintStream progress) throws IOException {
    Path folder = Folders.temporary();
    Processes processes = new Processes(() -> Folders.delete(folder));
    try {
      Path files = Folders.writeFiles(folder);
      return new TestBed(processes, folder, files, new LoadGenerator(processes, folder), progress);
    } catch (IOException e) {
      processes.close();
      throw e;
    }
  }

  /// Starts a server and waits until it answers.
  ServerProcess start(Contender contender) throws IOException, InterruptedException {
    return ServerProcess.start(processes, contender, folder, files);
  }

  /// Connects clients beside the load, and waits until each has what it came for.
  ///
  /// @param size how many; an empty crowd costs what a full one does
  CrowdProcess crowd(Scenario.Crowd kind, int size, ServerProcess server)
      throws IOException, InterruptedException {
    CrowdProcess crowd = CrowdProcess.start(processes, kind, size, server.port(), 0);
    try {
      int _ = crowd.ready();
      return crowd;
    } catch (IOException e) {
      crowd.close();
      throw e;
    }
  }

  /// Ends all that was started and deletes the folder.
  @Override
  public void close() {
    processes.close();
  }
}
