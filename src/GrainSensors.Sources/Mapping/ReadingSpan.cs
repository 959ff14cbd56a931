namespace GrainSensors.Sources.Mapping;

/// <summary>A reading in its document.</summary>
/// <param name="Member">The name of the member that <c>{name}</c> of the path of readings stands for.</param>
internal readonly record struct ReadingSpan(int Start, int Length, Slot Member);
