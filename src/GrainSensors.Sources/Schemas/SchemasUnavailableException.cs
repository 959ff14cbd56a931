namespace GrainSensors.Sources.Schemas;

/// <summary>A schema registry does not answer now. The message is one sentence that names the registry, without secrets.</summary>
public sealed class SchemasUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
