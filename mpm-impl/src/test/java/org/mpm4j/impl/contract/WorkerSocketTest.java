package org.mpm4j.impl.contract;

import org.mpm4j.ProcessModel;

final class WorkerSocketTest extends ServedSocketContract {
  WorkerSocketTest() {
    super(ProcessModel.WORKER);
  }
}
