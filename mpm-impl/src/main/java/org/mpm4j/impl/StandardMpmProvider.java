package org.mpm4j.impl;

import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.ServerApplication;
import org.mpm4j.StartException;
import org.mpm4j.spi.MpmProvider;

/// What [org.mpm4j.Mpm] finds: the two ways to run a server.
public final class StandardMpmProvider implements MpmProvider {
  /// For [java.util.ServiceLoader].
  public StandardMpmProvider() {}

  @Override
  public Mpm start(MpmConfig config, Class<? extends ServerApplication> application)
      throws StartException {
    throw new UnsupportedOperationException("forked children");
  }

  @Override
  public Mpm startInProcess(MpmConfig config, ServerApplication application) throws StartException {
    return InProcessMpm.start(config, application);
  }
}
