package org.mpm4j.impl.contract;

import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.ProcessModel;
import org.mpm4j.ServerApplication;
import org.mpm4j.StartException;

final class ForkedPreforkIT extends MpmContract {
  ForkedPreforkIT() {
    super(ProcessModel.PREFORK);
  }

  @Override
  boolean isInProcess() {
    return false;
  }

  @Override
  Mpm start(MpmConfig config, Class<? extends ServerApplication> application)
      throws StartException {
    return Mpm.start(config, application);
  }
}
