namespace GrainSensors.Sources.Mapping;

/// <summary>A slot of a mapping.</summary>
/// <param name="IsInReading">Whether it is one of the reading, and not one of the message around it.</param>
/// <param name="Path">As it was given, for messages.</param>
internal sealed record Place(bool IsInReading, int Slot, string Path)
{
    /// <returns>The path for messages; the root has an empty one.</returns>
    public override string ToString() => Path.Length == 0 ? "the value" : Path;
}
