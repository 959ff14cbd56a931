using System.Text;
using Confluent.SchemaRegistry;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Formats;
using GrainSensors.Sources.Mapping;
using GrainSensors.Sources.Messages;
using GrainSensors.Sources.Presets;
using GrainSensors.Sources.Results;
using GrainSensors.Sources.Schemas;
using SchemaRegistry.Serialization;

namespace GrainSensors.Sources;

/// <summary>Reads the messages of a source. One thread at a time may use it; it allocates nothing per reading of JSON.</summary>
/// <remarks>
/// What a message says follows from its bytes, key, headers, topic and timestamp alone. A message that is malformed has no readings. Of
/// other messages the good readings apply, and the bad ones are rejected by their index.
/// </remarks>
public sealed class SourceReader
{
    /// <summary>The largest size of a message with one reading, in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>The largest size of a message that may have several readings, in bytes.</summary>
    public const int MaxBytesOfMany = 1024 * 1024;

    private readonly IPayloadFormat _format;
    private readonly ReadingMapper _mapper;
    private readonly DocumentList _documents = new();
    private readonly int _maxBytes;
    private readonly bool _hasPrecision;

    /// <param name="schemas">The schemas of the process; null: the format needs none.</param>
    /// <exception cref="SourceOptionsException">An option is wrong.</exception>
    public SourceReader(SourceOptions options, SourceSchemas? schemas = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var known = KnownPayload.Of(options.Preset);
        var format = FormatOf(options);
        SchemaOptionsRules.Check(options, format);
        _format = FormatOf(format, options, schemas);
        _hasPrecision = format == SourceFormat.Influx;
        var plan = MappingCompiler.Compile(
            options.Mapping.Over(known.Mapping), hasTypes: format is not (SourceFormat.Csv or SourceFormat.Text));
        _mapper = new(plan);
        _maxBytes = plan.HasMany || _format.HasMany ? MaxBytesOfMany : MaxBytes;
    }

    /// <summary>Whether the schema of a message must be fetched before the message can be read.</summary>
    /// <param name="value">The payload.</param>
    /// <param name="schemaId">The id of the schema.</param>
    public bool AwaitsSchema(ReadOnlySpan<byte> value, out int schemaId)
    {
        schemaId = 0;
        return value.Length <= _maxBytes && _format is SchemaFormat format
            && format.Schemas.StateOf(value, out schemaId, out _) == SchemaState.Unknown;
    }

    /// <summary>Fetches schemas for all readers of the process. Any thread may call it.</summary>
    /// <exception cref="SchemasUnavailableException">The registry does not answer.</exception>
    public Task FetchSchemasAsync(IReadOnlyCollection<int> ids, CancellationToken cancellationToken) =>
        _format is SchemaFormat format ? format.Schemas.FetchAsync(ids, cancellationToken) : Task.CompletedTask;

    /// <exception cref="InvalidOperationException">The schema of the message was not fetched.</exception>
    public void Read(scoped in SourceMessage message, IReadingSink sink)
    {
        if (!TryRead(in message, sink, out var schemaId))
        {
            throw new InvalidOperationException($"The schema with the id {schemaId} must be fetched before.");
        }
    }

    /// <param name="schemaId">The id of a schema that must be fetched.</param>
    /// <returns>False: nothing was read, because the schema of the message must be fetched before.</returns>
    public bool TryRead(scoped in SourceMessage message, IReadingSink sink, out int schemaId)
    {
        ArgumentNullException.ThrowIfNull(sink);
        schemaId = 0;
        if (message.Value.Length > _maxBytes)
        {
            var detail = FormattableString.Invariant($"the message must have at most {_maxBytes} bytes; got {message.Value.Length}");
            Reject(sink, new(SourceRejectReason.TooLarge, detail));
            return true;
        }

        var context = new ReadingContext { Message = message };
        var fault = _mapper.TryBegin(in message, ref context);
        if (!fault.IsNone)
        {
            Reject(sink, fault);
            return true;
        }

        Convert(in message);
        if (_documents.AwaitedSchema is { } awaited)
        {
            schemaId = awaited;
            return false;
        }

        if (_hasPrecision && !TryReadPrecision(in message, out context.TimeUnit))
        {
            Reject(sink, new(
                SourceRejectReason.Malformed,
                $"the header {SourceMessage.PrecisionHeader} must be ns, us, ms or s; "
                + $"got \"{Fault.Quote(message.Header(SourceMessage.PrecisionHeader))}\""));
            return true;
        }

        var all = _format.IsConverted ? _documents.Json.Written : message.Value;
        if (_documents.IsRejected)
        {
            Reject(sink, _documents.Fault);
        }
        else if (_format.HasMany)
        {
            ReadMany(all, ref context, sink);
        }
        else
        {
            ReadOnly(_documents[0], all, ref context, sink);
        }

        return true;
    }

    private void Convert(scoped in SourceMessage message)
    {
        _documents.Clear();
        try
        {
            _format.Read(in message, _documents);
        }
        catch (JsonTooLargeException)
        {
            _documents.RejectTooLarge();
        }
    }

    private void ReadOnly(DocumentList.Document document, ReadOnlySpan<byte> all, scoped ref ReadingContext context, IReadingSink sink)
    {
        var json = all.Slice(document.Start, document.Length);
        var fault = TryScan(document, json, out var count);
        if (!fault.IsNone || count > ScanState.MaxReadings)
        {
            Reject(sink, fault.IsNone ? ScanState.TooMany : fault);
            return;
        }

        _mapper.Map(ref context, json, 0, sink);
    }

    private void ReadMany(ReadOnlySpan<byte> all, scoped ref ReadingContext context, IReadingSink sink)
    {
        var total = CountAll(all);
        if (total is 0 or > ScanState.MaxReadings)
        {
            Reject(sink, total == 0 ? new(SourceRejectReason.NoReading, "the message has no reading") : ScanState.TooMany);
            return;
        }

        var index = 0;
        for (var i = 0; i < _documents.Count; i++)
        {
            var json = all.Slice(_documents[i].Start, _documents[i].Length);
            var fault = TryScan(_documents[i], json, out var count);
            if (!fault.IsNone)
            {
                sink.Reject(index++, fault.Reason, fault.Detail);
                continue;
            }

            _mapper.Map(ref context, json, index, sink);
            index += count;
        }
    }

    /// <summary>Counts all readings before the first one is given out: a message with too many has none.</summary>
    private int CountAll(ReadOnlySpan<byte> all)
    {
        if (!_mapper.HasMany)
        {
            return _documents.Count;
        }

        var total = 0;
        for (var i = 0; i < _documents.Count; i++)
        {
            var isRight = TryScan(_documents[i], all.Slice(_documents[i].Start, _documents[i].Length), out var count).IsNone;
            total += isRight ? count : 1;
        }

        return total;
    }

    private Fault TryScan(DocumentList.Document document, ReadOnlySpan<byte> json, out int count)
    {
        count = 0;
        return document.Error is null ? _mapper.TryScan(json, document.Line, out count) : new(SourceRejectReason.Malformed, document.Error);
    }

    /// <param name="unit">Null: the message has none of its own.</param>
    private static bool TryReadPrecision(scoped in SourceMessage message, out TimeUnit? unit)
    {
        var text = message.Header(SourceMessage.PrecisionHeader);
        unit = text switch
        {
            [(byte)'n', (byte)'s'] => TimeUnit.Ns,
            [(byte)'u', (byte)'s'] => TimeUnit.Us,
            [(byte)'m', (byte)'s'] => TimeUnit.Ms,
            [(byte)'s'] => TimeUnit.S,
            _ => null,
        };
        return text.IsEmpty || unit is not null;
    }

    private static void Reject(IReadingSink sink, Fault fault) =>
        sink.Reject(IReadingSink.WholeMessage, fault.Reason, fault.Detail);

    /// <returns>The format of the messages of a source.</returns>
    public static SourceFormat FormatOf(SourceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Format ?? KnownPayload.Of(options.Preset).Format;
    }

    private static IPayloadFormat FormatOf(SourceFormat format, SourceOptions options, SourceSchemas? schemas) => format switch
    {
        SourceFormat.NdJson => new JsonFormat(hasLines: true),
        SourceFormat.Csv => new CsvFormat([.. options.Columns.Select(Encoding.UTF8.GetBytes)], DelimiterOf(options.Delimiter)),
        SourceFormat.Cbor => new CborFormat(),
        SourceFormat.Influx => new LineProtocolFormat(),
        SourceFormat.SenMl => new SenMlFormat(null),
        SourceFormat.SenMlCbor => new SenMlFormat(new()),
        SourceFormat.Text => new TextFormat(),
        SourceFormat.Avro => new SchemaFormat(Required(schemas).RegistryOf(options, SchemaType.Avro)),
        SourceFormat.Protobuf => new SchemaFormat(Required(schemas).RegistryOf(options, SchemaType.Protobuf)),
        SourceFormat.JsonSchema => new FramedJsonFormat(),
        SourceFormat.ProtobufRaw => new ProtobufFormat(Required(schemas).DescriptorOf(options)),
        _ => new JsonFormat(hasLines: false),
    };

    private static SourceSchemas Required(SourceSchemas? schemas) =>
        schemas ?? throw new ArgumentNullException(nameof(schemas), "The format needs schemas.");

    private static byte DelimiterOf(string text) => text is [>= ' ' and <= '~' or '\t'] && text[0] != '"'
        ? (byte)text[0]
        : throw new SourceOptionsException(
            nameof(SourceOptions.Delimiter), $"must be one character, such as a comma, a semicolon or a tab; got \"{text}\"");
}
