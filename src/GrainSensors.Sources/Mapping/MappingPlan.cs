using GrainSensors.Sources.Patterns;

namespace GrainSensors.Sources.Mapping;

/// <summary>A mapping, checked and prepared. It has buffers, so that one thread at a time may use it.</summary>
internal sealed record MappingPlan
{
    /// <summary>The places of a message; without <see cref="Readings"/> those of its only reading.</summary>
    public required PathTree Message { get; init; }

    /// <summary>The places of a reading.</summary>
    public required PathTree Reading { get; init; }

    /// <summary>Null: a message is one reading.</summary>
    public required JsonPointer? Readings { get; init; }

    public required ValueTemplate Sensor { get; init; }

    public required TimeField Time { get; init; }

    public required ValueField[] Values { get; init; }

    /// <summary>Null: the mapping names all values.</summary>
    public required NumberList? Numbers { get; init; }

    /// <summary>The path of <see cref="Numbers"/>, for messages.</summary>
    public required string? NumbersPath { get; init; }

    /// <summary>Null: the names of numbers are taken as they are.</summary>
    public required ValueTemplate? Prefix { get; init; }

    /// <summary>Null: any topic fits.</summary>
    public required TopicPattern? Topic { get; init; }

    public required Glob[] ExcludeTopics { get; init; }

    /// <summary>Whether a message can have several readings.</summary>
    public bool HasMany => Readings?.Tokens.Any(token => token == JsonPointer.Each || JsonPointer.IsCapture(token)) == true;
}
