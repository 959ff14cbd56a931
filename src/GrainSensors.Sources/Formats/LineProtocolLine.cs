using System.Text.Json;
using GrainSensors.Sources.Mapping;

namespace GrainSensors.Sources.Formats;

/// <summary>Writes one line of InfluxDB line protocol as JSON.</summary>
/// <param name="line">Valid UTF-8, not empty.</param>
internal ref struct LineProtocolLine(ReadOnlySpan<byte> line)
{
    private readonly ReadOnlySpan<byte> _line = line;
    private ReadOnlySpan<byte> _rest = line;

    /// <returns>What is wrong; null: nothing.</returns>
    public string? Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        var measurement = Take(", "u8);
        if (measurement.IsEmpty)
        {
            return "the measurement is missing";
        }

        json.WriteString("measurement"u8, Unescaped(measurement, ", "u8));
        json.WriteStartObject("tags"u8);
        while (TrySkip((byte)','))
        {
            if (!TryTakeName(out var name) || Take(", "u8) is not { IsEmpty: false } value)
            {
                return "a tag is not KEY=VALUE";
            }

            json.WriteString(Unescaped(name, ",= "u8), Unescaped(value, ",= "u8));
        }

        json.WriteEndObject();
        if (!TrySkip((byte)' '))
        {
            return "the fields are missing";
        }

        json.WriteStartObject("fields"u8);
        do
        {
            if (!TryTakeName(out var name))
            {
                return "a field is not KEY=VALUE";
            }

            json.WritePropertyName(Unescaped(name, ",= "u8));
            if (!TryWriteField(json))
            {
                return "a field is neither a number, nor a boolean, nor text in quotes";
            }
        }
        while (TrySkip((byte)','));
        json.WriteEndObject();
        return WriteTime(json);
    }

    private string? WriteTime(Utf8JsonWriter json)
    {
        var time = _rest.Trim((byte)' ');
        if (!time.IsEmpty)
        {
            if (_rest[0] != ' ' || !NumberText.IsJson(time) || time.ContainsAny((byte)'.', (byte)'e', (byte)'E'))
            {
                return "the timestamp is not an integer";
            }

            json.WritePropertyName("time"u8);
            json.WriteRawValue(time, skipInputValidation: true);
        }

        json.WriteEndObject();
        return null;
    }

    private bool TryTakeName(out ReadOnlySpan<byte> name)
    {
        name = Take(",= "u8);
        return !name.IsEmpty && TrySkip((byte)'=');
    }

    private bool TryWriteField(Utf8JsonWriter json)
    {
        if (TrySkip((byte)'"'))
        {
            var length = TextLength(_rest);
            if (length < 0)
            {
                return false;
            }

            json.WriteStringValue(Unescaped(_rest[..length], "\"\\"u8));
            _rest = _rest[(length + 1)..];
            return true;
        }

        var value = Take(", "u8);
        if (value is [.., (byte)'i' or (byte)'u'] && NumberText.IsJson(value[..^1]) && !value[..^1].ContainsAny(".eE"u8))
        {
            value = value[..^1];
        }

        if (NumberText.IsJson(value))
        {
            json.WriteRawValue(value, skipInputValidation: true);
            return true;
        }

        if (NumberText.TryReadAny(value, out var number))
        {
            json.WriteNumberValue(number);
            return true;
        }

        var isTrue = value.SequenceEqual("t"u8) || value.SequenceEqual("T"u8) || value.SequenceEqual("true"u8)
            || value.SequenceEqual("True"u8) || value.SequenceEqual("TRUE"u8);
        var isFalse = value.SequenceEqual("f"u8) || value.SequenceEqual("F"u8) || value.SequenceEqual("false"u8)
            || value.SequenceEqual("False"u8) || value.SequenceEqual("FALSE"u8);
        if (isTrue || isFalse)
        {
            json.WriteBooleanValue(isTrue);
        }

        return isTrue || isFalse;
    }

    /// <returns>The length up to the quote that is not escaped; −1: it is missing.</returns>
    private static int TextLength(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                return i;
            }

            i += text[i] == '\\' ? 1 : 0;
        }

        return -1;
    }

    /// <summary>Takes the text up to one of the ends that is not escaped, or up to the end of the line.</summary>
    private ReadOnlySpan<byte> Take(ReadOnlySpan<byte> ends)
    {
        var length = 0;
        while (length < _rest.Length && !ends.Contains(_rest[length]))
        {
            length += _rest[length] == '\\' && length + 1 < _rest.Length ? 2 : 1;
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private bool TrySkip(byte c)
    {
        var isHere = !_rest.IsEmpty && _rest[0] == c;
        _rest = isHere ? _rest[1..] : _rest;
        return isHere;
    }

    /// <summary>Removes the backslashes before these characters; others stand for themselves.</summary>
    private readonly ReadOnlySpan<byte> Unescaped(ReadOnlySpan<byte> text, ReadOnlySpan<byte> escapable)
    {
        if (!text.Contains((byte)'\\'))
        {
            return text;
        }

        var unescaped = new byte[Math.Min(text.Length, _line.Length)];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            i += text[i] == '\\' && i + 1 < text.Length && escapable.Contains(text[i + 1]) ? 1 : 0;
            unescaped[length++] = text[i];
        }

        return unescaped.AsSpan(0, length);
    }
}
