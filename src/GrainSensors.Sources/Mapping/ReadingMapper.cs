using GrainSensors.Core.Readings;
using GrainSensors.Sources.Messages;
using GrainSensors.Sources.Patterns;
using GrainSensors.Sources.Results;

namespace GrainSensors.Sources.Mapping;

/// <summary>Maps the documents of a message to readings.</summary>
internal sealed class ReadingMapper(MappingPlan plan)
{
    private readonly TreeScan _message = new(plan.Message, plan.Readings is null ? plan.Numbers : null);
    private readonly TreeScan? _reading = plan.Readings is null ? null : new(plan.Reading, plan.Numbers);
    private readonly Range[] _topicParts = new Range[plan.Topic?.Names.Count ?? 0];
    private readonly (double Value, bool IsPresent)[] _values = new (double, bool)[plan.Values.Length];
    private readonly bool[] _isKept = new bool[plan.Numbers is null ? 0 : NumberList.MaxCount];
    private readonly byte[] _name = new byte[ValueTemplate.MaxLength + NumberList.MaxNameLength];

    /// <summary>Whether a document can have several readings.</summary>
    public bool HasMany => plan.HasMany;

    /// <summary>Checks the topic of a message.</summary>
    /// <param name="context">Gets the topic and its parts.</param>
    public Fault TryBegin(scoped in SourceMessage message, scoped ref ReadingContext context)
    {
        context.Topic = message.DeviceTopic;
        if (Glob.Find(plan.ExcludeTopics, context.Topic) is { } pattern)
        {
            return new(
                SourceRejectReason.NoSensorId, $"topic \"{Fault.Quote(context.Topic)}\" is one of Mapping:ExcludeTopics ({pattern})");
        }

        if (plan.Topic is { } topic && !topic.TryMatch(context.Topic, _topicParts))
        {
            return new(
                SourceRejectReason.NoSensorId,
                context.Topic.IsEmpty
                    ? $"the message has no topic, which Mapping:Topic needs (\"{topic}\")"
                    : $"topic \"{Fault.Quote(context.Topic)}\" does not match Mapping:Topic \"{topic}\"");
        }

        context.TopicParts = _topicParts;
        return Fault.None;
    }

    /// <param name="line">The number of its first line in the message, from 1.</param>
    /// <param name="count">The number of readings, which may be greater than <see cref="ScanState.MaxReadings"/>.</param>
    public Fault TryScan(ReadOnlySpan<byte> document, int line, out int count)
    {
        var isJson = _message.TryScan(document, out var error);
        count = plan.Readings is null ? 1 : _message.ReadingCount;
        return !isJson
            ? new(
                SourceRejectReason.Malformed,
                error is null
                    ? "the message is not valid UTF-8"
                    : $"the message is not valid JSON: line {error.LineNumber + line}, byte {error.BytePositionInLine + 1}")
            : count == 0 ? new(SourceRejectReason.NoReading, $"the message has nothing at {plan.Readings}") : Fault.None;
    }

    /// <summary>Maps the readings of the document that was scanned last.</summary>
    /// <param name="index">The number of its first reading.</param>
    public void Map(scoped ref ReadingContext context, ReadOnlySpan<byte> document, int index, IReadingSink sink)
    {
        context.Document = document;
        context.Slots = _message.Slots;
        if (_reading is null)
        {
            context.Reading = document;
            context.ReadingSlots = _message.Slots;
            Map(in context, index, sink);
            return;
        }

        foreach (ref readonly var span in _message.Readings)
        {
            // The document is JSON, so its parts are; only the member's name is outside of the reading.
            context.Reading = document.Slice(span.Start, span.Length);
            context.Member = span.Member;
            _reading.TryScan(context.Reading, out _);
            context.ReadingSlots = _reading.Slots;
            Map(in context, index++, sink);
        }
    }

    private void Map(scoped ref readonly ReadingContext context, int index, IReadingSink sink)
    {
        var fault = plan.Sensor.TryMake(in context, out var sensor);
        if (fault.IsNone && !IsSensor(sensor))
        {
            fault = new(
                SourceRejectReason.InvalidSensorId,
                $"the sensor must be an id or a name of 1 to {SensorName.MaxLength} characters without control characters; "
                + $"got \"{Fault.Quote(sensor)}\"");
        }

        var time = SourceMessage.NoTime;
        fault = fault.IsNone ? plan.Time.TryRead(in context, out time) : fault;
        fault = fault.IsNone ? TryReadValues(in context) : fault;
        ReadOnlySpan<byte> prefix = default;
        fault = fault.IsNone && plan.Prefix is { } template ? template.TryMake(in context, out prefix) : fault;
        if (fault.IsNone && plan.Prefix is not null && !ValueName.IsValid(prefix))
        {
            fault = new(SourceRejectReason.InvalidValue, $"the prefix of the names of values is invalid; got \"{Fault.Quote(prefix)}\"");
        }

        if (fault.IsNone && !KeepNumbers(prefix) && !HasValue())
        {
            fault = new(SourceRejectReason.NoMeasurement, Missing());
        }

        if (!fault.IsNone)
        {
            sink.Reject(index, fault.Reason, fault.Detail);
            return;
        }

        sink.Reading(index, sensor, time);
        Emit(prefix, sink);
    }

    /// <summary>Nearly all sensors are printable ASCII, for which nothing is allocated.</summary>
    private static bool IsSensor(ReadOnlySpan<byte> utf8) =>
        (utf8.Length is > 0 and <= SensorName.MaxLength && !utf8.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        || SensorName.TryParse(utf8, out _);

    private Fault TryReadValues(scoped ref readonly ReadingContext context)
    {
        for (var i = 0; i < _values.Length; i++)
        {
            var fault = plan.Values[i].TryRead(in context, out _values[i].Value, out _values[i].IsPresent);
            if (!fault.IsNone)
            {
                return fault;
            }
        }

        return plan.Numbers switch
        {
            { HasInvalidValue: true } => new(SourceRejectReason.InvalidValue, $"a number {Below()} is beyond the range of a double"),
            { IsFull: true } => new(
                SourceRejectReason.InvalidValue, $"the reading has more than {NumberList.MaxCount} values {Below()}"),
            _ => Fault.None,
        };
    }

    private bool HasValue()
    {
        foreach (ref readonly var value in _values.AsSpan())
        {
            if (value.IsPresent)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Chooses the numbers with valid names, and leaves a name that a value of the mapping has to that one.</summary>
    /// <returns>Whether there are any.</returns>
    private bool KeepNumbers(ReadOnlySpan<byte> prefix)
    {
        var any = false;
        for (var i = 0; i < (plan.Numbers?.Count ?? 0); i++)
        {
            var name = NameOf(i, prefix);
            _isKept[i] = ValueName.IsValid(name) && !IsValue(name);
            any |= _isKept[i];
        }

        return any;
    }

    private bool IsValue(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _values.Length; i++)
        {
            if (_values[i].IsPresent && name.SequenceEqual(plan.Values[i].Name))
            {
                return true;
            }
        }

        return false;
    }

    /// <returns>The name of a number behind the prefix; valid until the next call.</returns>
    private ReadOnlySpan<byte> NameOf(int number, ReadOnlySpan<byte> prefix)
    {
        var name = plan.Numbers!.NameOf(number);
        if (prefix.IsEmpty)
        {
            return name;
        }

        prefix.CopyTo(_name);
        name.CopyTo(_name.AsSpan(prefix.Length));
        return _name.AsSpan(0, prefix.Length + name.Length);
    }

    private string Below() => plan.NumbersPath is { Length: > 0 } path ? $"below {path}" : "in it";

    private string Missing()
    {
        var values = string.Join(", ", plan.Values.Select(value => value.Place.ToString()));
        var numbers = plan.Numbers is null ? ""
            : plan.Numbers.Count > 0 || plan.Numbers.HasInvalidName ? $"no number with a valid name {Below()}"
            : $"no number {Below()}";
        return plan.Values.Length == 0 ? $"the reading has {numbers}"
            : numbers.Length == 0 ? $"the reading has none of {values}"
            : $"the reading has none of {values}, and {numbers}";
    }

    private void Emit(ReadOnlySpan<byte> prefix, IReadingSink sink)
    {
        for (var i = 0; i < _values.Length; i++)
        {
            if (_values[i].IsPresent)
            {
                Emit(plan.Values[i].Name, _values[i].Value, sink);
            }
        }

        for (var i = 0; i < (plan.Numbers?.Count ?? 0); i++)
        {
            if (_isKept[i])
            {
                Emit(NameOf(i, prefix), plan.Numbers!.ValueOf(i), sink);
            }
        }
    }

    private static void Emit(ReadOnlySpan<byte> name, double value, IReadingSink sink)
    {
        if (double.IsNaN(value))
        {
            sink.Null(name);
        }
        else
        {
            sink.Value(name, value);
        }
    }
}
