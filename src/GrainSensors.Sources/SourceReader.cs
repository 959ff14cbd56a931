using System.Text;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Formats;
using GrainSensors.Sources.Mapping;
using GrainSensors.Sources.Messages;
using GrainSensors.Sources.Presets;
using GrainSensors.Sources.Results;

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

    /// <exception cref="SourceOptionsException">An option is wrong.</exception>
    public SourceReader(SourceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var known = KnownPayload.Of(options.Preset);
        var format = FormatOf(options);
        _format = FormatOf(format, options);
        _hasPrecision = format == SourceFormat.Influx;
        var plan = MappingCompiler.Compile(
            options.Mapping.Over(known.Mapping), hasTypes: format is not (SourceFormat.Csv or SourceFormat.Text));
        _mapper = new(plan);
        _maxBytes = plan.HasMany || _format.HasMany ? MaxBytesOfMany : MaxBytes;
    }

    public void Read(scoped in SourceMessage message, IReadingSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        if (message.Value.Length > _maxBytes)
        {
            var detail = FormattableString.Invariant($"the message must have at most {_maxBytes} bytes; got {message.Value.Length}");
            Reject(sink, new(SourceRejectReason.TooLarge, detail));
            return;
        }

        var context = new ReadingContext { Message = message };
        var fault = _mapper.TryBegin(in message, ref context);
        if (!fault.IsNone)
        {
            Reject(sink, fault);
            return;
        }

        if (_hasPrecision && !TryReadPrecision(in message, out context.TimeUnit))
        {
            Reject(sink, new(
                SourceRejectReason.Malformed,
                $"the header {SourceMessage.PrecisionHeader} must be ns, us, ms or s; "
                + $"got \"{Fault.Quote(message.Header(SourceMessage.PrecisionHeader))}\""));
            return;
        }

        _documents.Clear();
        _format.Read(in message, _documents);
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

    private static IPayloadFormat FormatOf(SourceFormat format, SourceOptions options) => format switch
    {
        SourceFormat.NdJson => new JsonFormat(hasLines: true),
        SourceFormat.Csv => new CsvFormat([.. options.Columns.Select(Encoding.UTF8.GetBytes)], DelimiterOf(options.Delimiter)),
        SourceFormat.Cbor => new CborFormat(),
        SourceFormat.Influx => new LineProtocolFormat(),
        SourceFormat.SenMl => new SenMlFormat(null),
        SourceFormat.SenMlCbor => new SenMlFormat(new()),
        SourceFormat.Text => new TextFormat(),
        _ => new JsonFormat(hasLines: false),
    };

    private static byte DelimiterOf(string text) => text is [>= ' ' and <= '~' or '\t'] && text[0] != '"'
        ? (byte)text[0]
        : throw new SourceOptionsException(
            nameof(SourceOptions.Delimiter), $"must be one character, such as a comma, a semicolon or a tab; got \"{text}\"");
}
