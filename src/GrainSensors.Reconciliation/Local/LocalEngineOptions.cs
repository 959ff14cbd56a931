namespace GrainSensors.Reconciliation.Local;

/// <summary>The resources of the local engine.</summary>
/// <param name="Folder">The folder for data that exceeds the memory limit.</param>
/// <param name="Memory">The memory limit of DuckDB, in its notation: <c>1GB</c>.</param>
public sealed record LocalEngineOptions(string Folder, string Memory = "1GB");
