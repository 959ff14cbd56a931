namespace GrainSensors.EndToEnd.Tests.Orleans;

/// <summary>What a <see cref="NoteGrain"/> keeps. The storage reads only types that a serializer is generated for.</summary>
[GenerateSerializer]
public sealed record NoteState([property: Id(0)] string Text)
{
    public NoteState()
        : this("")
    {
    }
}
