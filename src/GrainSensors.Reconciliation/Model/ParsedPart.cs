namespace GrainSensors.Reconciliation.Model;

/// <summary>A reading of a message.</summary>
/// <param name="Index">The number of the reading in its message; <see cref="Whole"/>: the message has no readings.</param>
internal readonly record struct ParsedPart(int Index, ParsedMessage Message)
{
    public const int Whole = -1;
}
