namespace GrainSensors.Ingest.Partitions;

/// <returns>Whether every silo of the cluster knows named sensors.</returns>
public delegate bool NamesAreKnown();
