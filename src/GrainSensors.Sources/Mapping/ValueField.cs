using System.Text.Json;
using GrainSensors.Core.Readings;
using GrainSensors.Sources.Results;

namespace GrainSensors.Sources.Mapping;

/// <summary>A value whose path the mapping names.</summary>
/// <param name="Name">The name of the measurement in UTF-8.</param>
/// <param name="HasTypes">Whether booleans are such by their format, and text is none.</param>
internal sealed record ValueField(byte[] Name, Place Place, bool HasTypes)
{
    /// <summary>The longest text of a value, in bytes, if it has escapes.</summary>
    private const int MaxText = 64;

    /// <summary>Texts by which devices and gateways say that there is no value.</summary>
    private static readonly string[] NoValue = ["", "null", "none", "nan", "na", "n/a", "unknown", "unavailable"];

    /// <param name="value">NaN: null.</param>
    /// <param name="isPresent">Whether the reading has the value, or null.</param>
    public Fault TryRead(scoped ref readonly ReadingContext context, out double value, out bool isPresent)
    {
        ref readonly var slot = ref context.SlotOf(Place);
        (value, isPresent) = (double.NaN, slot.Type != JsonTokenType.None);
        var text = isPresent ? context.TextOf(Place) : default;
        var isRight = slot.Type switch
        {
            JsonTokenType.None or JsonTokenType.Null => true,
            JsonTokenType.Number => NumberText.TryRead(text, out value),
            JsonTokenType.True => (value = 1) == 1,
            JsonTokenType.False => (value = 0) == 0,
            JsonTokenType.String => slot.IsEscaped ? TryReadEscaped(text, out value) : TryReadText(text, out value),
            _ => false,
        };
        return isRight
            ? Fault.None
            : new(SourceRejectReason.InvalidValue, $"{Place} must be a number, a boolean or null; got {Fault.Quote(text)}");
    }

    private bool TryReadEscaped(ReadOnlySpan<byte> escaped, out double value)
    {
        Span<byte> text = stackalloc byte[MaxText];
        value = double.NaN;
        return EscapedName.TryDecode(escaped, text, out var length) && TryReadText(text[..length], out value);
    }

    private bool TryReadText(ReadOnlySpan<byte> text, out double value)
    {
        if (NumberText.TryReadAny(text, out value) || (!HasTypes && CellText.TryRead(text, out value)))
        {
            return true;
        }

        value = double.NaN;
        foreach (var word in NoValue)
        {
            if (System.Text.Ascii.EqualsIgnoreCase(text, word))
            {
                return true;
            }
        }

        return false;
    }
}
