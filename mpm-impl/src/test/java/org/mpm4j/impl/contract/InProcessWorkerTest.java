package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.ProcessModel;
import org.mpm4j.ServerApplication;
import org.mpm4j.StartException;

final class InProcessWorkerTest extends MpmContract {
  InProcessWorkerTest() {
    super(ProcessModel.WORKER);
  }

  @Override
  boolean isInProcess() {
    return true;
  }

  @Override
  Mpm start(MpmConfig config, Class<? extends ServerApplication> application)
      throws StartException {
    try {
      return Mpm.startInProcess(config, application.getConstructor().newInstance());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  @AfterEach
  void leavesNoThread() {
    assertEquals(
        Set.of(),
        Thread.getAllStackTraces().keySet().stream()
            .map(Thread::getName)
            .filter(name -> name.startsWith("mpm-"))
            .collect(Collectors.toSet()));
  }
}
