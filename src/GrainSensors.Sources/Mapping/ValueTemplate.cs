using System.Text;
using System.Text.Json;
using GrainSensors.Core.Readings;
using GrainSensors.Sources.Results;

namespace GrainSensors.Sources.Mapping;

/// <summary>Makes a text of what a message has at the placeholders of a template.</summary>
/// <param name="parts">Texts and placeholders.</param>
internal sealed class ValueTemplate(ValueTemplate.Part[] parts)
{
    /// <summary>The longest text, in bytes of UTF-8.</summary>
    public const int MaxLength = SensorName.MaxBytes;

    private readonly byte[] _text = new byte[MaxLength];

    internal enum Kind
    {
        Text,
        Place,
        Key,
        Topic,
        Header,
        TopicPart,
        Member,
    }

    /// <param name="text">Valid until the next call.</param>
    public Fault TryMake(scoped ref readonly ReadingContext context, out ReadOnlySpan<byte> text)
    {
        if (parts is [{ Kind: Kind.Place, Place: { } place }]
            && context.SlotOf(place) is { Type: JsonTokenType.String, IsEscaped: false, Length: > 0 })
        {
            text = context.TextOf(place);
            return Fault.None;
        }

        var length = 0;
        text = default;
        foreach (ref readonly var part in parts.AsSpan())
        {
            var fault = Append(in context, in part, ref length);
            if (!fault.IsNone)
            {
                return fault;
            }
        }

        text = _text.AsSpan(0, length);
        return Fault.None;
    }

    private Fault Append(scoped ref readonly ReadingContext context, ref readonly Part part, ref int length)
    {
        if (part.Kind == Kind.Place)
        {
            return AppendPlace(in context, part.Place!, ref length);
        }

        if (part.Kind == Kind.Member)
        {
            return AppendText(context.Member.In(context.Document), context.Member.IsEscaped, in part, ref length);
        }

        var text = part.Kind switch
        {
            Kind.Key => context.Message.Key,
            Kind.Topic => context.Topic,
            Kind.Header => context.Message.Header(part.Name),
            Kind.TopicPart => context.Topic[context.TopicParts[part.Index]],
            _ => part.Text,
        };
        return text.IsEmpty
            ? new(SourceRejectReason.NoSensorId, $"{part.Describe()} is missing or empty")
            : AppendText(text, isEscaped: false, in part, ref length);
    }

    private Fault AppendPlace(scoped ref readonly ReadingContext context, Place place, ref int length)
    {
        ref readonly var slot = ref context.SlotOf(place);
        var text = context.TextOf(place);
        var part = new Part(Kind.Place, Place: place);
        switch (slot.Type)
        {
            case JsonTokenType.None:
                return new(SourceRejectReason.NoSensorId, $"{place} is missing");
            case JsonTokenType.Null:
                return new(SourceRejectReason.NoSensorId, $"{place} is null");
            case JsonTokenType.String when slot.Length == 0:
                return new(SourceRejectReason.NoSensorId, $"{place} is empty");
            case JsonTokenType.String:
                return AppendText(text, slot.IsEscaped, in part, ref length);
            case JsonTokenType.Number when !text.ContainsAny((byte)'.', (byte)'e', (byte)'E'):
                // −0 is 0.
                return AppendText(text.SequenceEqual("-0"u8) ? "0"u8 : text, isEscaped: false, in part, ref length);
            default:
                return new(
                    SourceRejectReason.InvalidSensorId,
                    $"{place} must be text, or an integer without a point or an exponent; got {Fault.Quote(text)}");
        }
    }

    private Fault AppendText(ReadOnlySpan<byte> text, bool isEscaped, ref readonly Part part, ref int length)
    {
        var rest = _text.AsSpan(length);
        var added = text.Length;
        var isRight = isEscaped ? EscapedName.TryDecode(text, rest, out added) : text.TryCopyTo(rest);
        if (!isRight)
        {
            return new(
                SourceRejectReason.InvalidSensorId,
                $"{part.Describe()} is longer than {MaxLength} bytes or not valid Unicode: {Fault.Quote(text)}");
        }

        length += added;
        return Fault.None;
    }

    /// <param name="Index">The number of the topic's part.</param>
    internal readonly record struct Part(Kind Kind, string Name = "", byte[]? Text = null, Place? Place = null, int Index = 0)
    {
        public static Part Of(string text) => new(Kind.Text, text, Encoding.UTF8.GetBytes(text));

        public string Describe() => Kind switch
        {
            Kind.Key => "the key of the message",
            Kind.Topic => "the topic of the message",
            Kind.Header => $"header {Name}",
            Kind.TopicPart => $"{{{Name}}} of the topic",
            Kind.Member => $"{{{Name}}} of the readings",
            Kind.Place => Place!.ToString(),
            _ => $"text \"{Name}\"",
        };
    }
}
