package org.mpm4j.impl.contract;

import org.mpm4j.ProcessModel;

final class ForkedWorkerIT extends MpmContract {
  ForkedWorkerIT() {
    super(ProcessModel.WORKER, Children.FORKED);
  }
}
