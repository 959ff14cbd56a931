namespace GrainSensors.Sources.Formats;

/// <summary>A message becomes more JSON than it may.</summary>
internal sealed class JsonTooLargeException : Exception;
