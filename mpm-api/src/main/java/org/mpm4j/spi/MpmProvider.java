package org.mpm4j.spi;

import java.util.List;
import java.util.ServiceLoader;
import org.mpm4j.ChildApplication;
import org.mpm4j.Correction;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmOptions;
import org.mpm4j.StartException;
import org.mpm4j.WorkerPool;

/// The seam between the API and its implementation, found by [ServiceLoader]. Applications use
/// [Mpm].
public interface MpmProvider {
  /// Implements [Mpm#start(MpmConfig, Class, MpmOptions)].
  ///
  /// @param config the configuration
  /// @param application the class that every child builds
  /// @param options what the embedder takes part in
  /// @return the running server
  /// @throws StartException if it could not start
  Mpm start(MpmConfig config, Class<? extends ChildApplication> application, MpmOptions options)
      throws StartException;

  /// Implements [Mpm#startInProcess(MpmConfig, ServerApplication, MpmOptions)], and the same for a
  /// [org.mpm4j.HostedServer].
  ///
  /// @param config the configuration
  /// @param application the application
  /// @param options what the embedder takes part in
  /// @return the running server
  /// @throws StartException if it could not start
  Mpm startInProcess(MpmConfig config, ChildApplication application, MpmOptions options)
      throws StartException;

  /// Implements [Mpm#check(MpmConfig)].
  ///
  /// @param config the configuration
  /// @return what a start would do differently
  List<Correction> check(MpmConfig config);

  /// Implements [org.mpm4j.WorkerPool.Builder#build()].
  ///
  /// @param settings what the pool is to be like
  /// @return a pool with its spare threads started
  WorkerPool workerPool(WorkerPoolSettings settings);

  /// The provider in use.
  ///
  /// @return the first one that [ServiceLoader] finds
  /// @throws IllegalStateException if there is none
  static MpmProvider installed() {
    return ServiceLoader.load(MpmProvider.class, MpmProvider.class.getClassLoader())
        .findFirst()
        .orElseThrow(() ->
            new IllegalStateException(
                "no implementation of mpm4j found: add the artifact org.mpm4j:mpm-impl to the"
                    + " class path or module path"));
  }
}
