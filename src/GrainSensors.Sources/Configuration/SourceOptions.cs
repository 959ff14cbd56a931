namespace GrainSensors.Sources.Configuration;

/// <summary>Kafka topics with messages of one format and one mapping.</summary>
public sealed record SourceOptions
{
    /// <summary>The largest length of a name, in characters.</summary>
    public const int MaxNameLength = 64;

    /// <summary>A <see cref="Start"/>: the first message of the log.</summary>
    public const string Earliest = "earliest";

    /// <summary>A <see cref="Start"/>: the end of each partition when it is first read.</summary>
    public const string Latest = "latest";

    /// <summary>Name of the source: letters, digits, dots, dashes and underscores.</summary>
    public string Name { get; init; } = "";

    /// <summary>Kafka topics, or patterns of them with <c>*</c> for any characters.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>Format of the messages; without it, that of the preset, else <c>json</c>.</summary>
    public SourceFormat? Format { get; init; }

    /// <summary>Known payloads, whose format and mapping are taken where they are not given.</summary>
    public SourcePreset Preset { get; init; } = SourcePreset.None;

    /// <summary>Where a message has its readings.</summary>
    public MappingOptions Mapping { get; init; } = new();

    /// <summary>Names of the columns of CSV; without them, the first line of each message has them.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Character between the cells of CSV.</summary>
    public string Delimiter { get; init; } = ",";

    /// <summary>Schema registry of the formats <c>avro</c> and <c>protobuf</c>.</summary>
    public SchemaRegistryOptions SchemaRegistry { get; init; } = new();

    /// <summary>
    /// File with the descriptors of <c>protobuf-raw</c>, of <c>protoc --include_imports --descriptor_set_out=FILE</c>.
    /// </summary>
    public string? DescriptorFile { get; init; }

    /// <summary>Full name of the message type of <c>protobuf-raw</c>, such as <c>farm.v1.Reading</c>.</summary>
    public string? MessageType { get; init; }

    /// <summary>First message without a checkpoint: <c>earliest</c>, <c>latest</c>, or a time such as 2026-11-24T10:15:00Z.</summary>
    public string Start { get; init; } = Earliest;
}
