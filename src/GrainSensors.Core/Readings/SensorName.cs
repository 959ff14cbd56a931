using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using GrainSensors.Core.Text;

namespace GrainSensors.Core.Readings;

/// <summary>The name of a sensor without an integer id. Inside the cluster its number takes the place of the id.</summary>
public static class SensorName
{
    /// <summary>In characters.</summary>
    public const int MaxLength = 200;

    /// <summary>In bytes of UTF-8.</summary>
    public const int MaxBytes = MaxLength * 4;

    /// <summary>The highest number of a name. Ids begin at 0, and −1 is neither.</summary>
    public const int MaxNumber = -2;

    /// <summary>Stands for the number of a name that is not known yet, or that is not given.</summary>
    public const int NoNumber = -1;

    /// <returns>Whether it is the number of a name, and not an id.</returns>
    public static bool IsNumber(int sensorId) => sensorId <= MaxNumber;

    /// <summary>Reads an id as it is written in text and in keys: without sign and leading zeros. Other digits are a name.</summary>
    public static bool TryParseId(ReadOnlySpan<byte> utf8, out int id)
    {
        id = 0;
        return utf8.Length is > 0 and <= 10 && !utf8.ContainsAnyExceptInRange((byte)'0', (byte)'9') && (utf8[0] != '0' || utf8.Length == 1)
            && int.TryParse(utf8, NumberStyles.None, CultureInfo.InvariantCulture, out id);
    }

    /// <returns>Whether it is a name of ASCII characters, which is in normal form.</returns>
    public static bool IsPlain(ReadOnlySpan<byte> utf8) =>
        utf8.Length is > 0 and <= MaxLength && !utf8.ContainsAnyExceptInRange((byte)' ', (byte)'~');

    /// <returns>Whether it is a name that is written as it would be stored. Names in the usual scripts allocate nothing.</returns>
    public static bool IsNormal(ReadOnlySpan<byte> utf8)
    {
        var (length, isStable) = (0, true);
        for (var rest = utf8; !rest.IsEmpty && isStable; length++)
        {
            isStable = Rune.DecodeFromUtf8(rest, out var rune, out var bytes) == OperationStatus.Done
                && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format)
                && NormalForm.IsStable(rune);
            rest = rest[bytes..];
        }

        return isStable
            ? length is > 0 and <= MaxLength
            : TryParse(utf8, out var name) && utf8.SequenceEqual(Encoding.UTF8.GetBytes(name));
    }

    /// <summary>
    /// Reads a name: at most <see cref="MaxBytes"/> that are 1 to 200 characters in normal form C, none of them a control character.
    /// Format characters (Unicode's category Cf) are invisible: names with them would look the same and be different sensors.
    /// </summary>
    /// <param name="name">The name in normal form C: two ways to write a name are then the same bytes.</param>
    public static bool TryParse(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out string? name)
    {
        name = null;
        if (utf8.Length is 0 or > MaxBytes)
        {
            return false;
        }

        for (var rest = utf8; !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf8(rest, out var rune, out var bytes) != OperationStatus.Done
                || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format)
            {
                return false;
            }

            rest = rest[bytes..];
        }

        var text = NormalForm.Of(Encoding.UTF8.GetString(utf8));
        if (text.EnumerateRunes().Count() > MaxLength)
        {
            return false;
        }

        name = text;
        return true;
    }
}
