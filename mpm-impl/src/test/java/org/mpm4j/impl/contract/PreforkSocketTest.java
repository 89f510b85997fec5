package org.mpm4j.impl.contract;

import org.mpm4j.ProcessModel;

final class PreforkSocketTest extends ServedSocketContract {
  PreforkSocketTest() {
    super(ProcessModel.PREFORK);
  }
}
