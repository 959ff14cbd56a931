namespace GrainSensors.Ingest.Partitions;

/// <returns>Whether every silo of the cluster knows readings of named sensors and of measurements that are not declared.</returns>
public delegate bool LaterFormIsKnown();
