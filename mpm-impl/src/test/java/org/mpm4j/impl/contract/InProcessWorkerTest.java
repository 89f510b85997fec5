package org.mpm4j.impl.contract;

import org.mpm4j.ProcessModel;

final class InProcessWorkerTest extends MpmContract {
  InProcessWorkerTest() {
    super(ProcessModel.WORKER, Children.IN_PROCESS);
  }
}
