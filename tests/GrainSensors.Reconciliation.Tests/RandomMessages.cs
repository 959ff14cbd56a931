using System.Globalization;
using CsCheck;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>Random messages that are readings, almost readings, or not JSON.</summary>
internal static class RandomMessages
{
    public static readonly Gen<string> Number = Gen.OneOf(
        Gen.Int.Select(n => $"{n}"),
        Gen.Long.Select(n => $"{n}"),
        Gen.Int[0, int.MaxValue].Select(Gen.Int[0, 999_999_999], (whole, part) => $"{whole}.{part:000000000}"),
        Gen.Int[0, 4_000_000].Select(Gen.Int[-30, 30], (n, e) => $"{n}e{e}"),
        AnyOf(
            "0", "-0", "1732400000", "1732400000.9999999999999999999999999999", "100000000000", "100000000000.0000001",
            "1732400000123.4567", "1E400", "-1e-400", "2147483647", "2147483648", "7.0", "7e0", "1.7324e9",
            "17324000000000000000000000000e-19", "01", "1.", ".5", "+1", "-273.15", "-273.151", "10000.0001", "NaN",
            "-999", "85", "8.5e1"));

    private static readonly Gen<string> Value = Gen.OneOf(
        Number, Number, Number, AnyOf("null", "true", "\"7\"", "[]", "{\"sensor_id\":1}", "[1,{}]", "\"\\ud800\"", "nul", ""));

    private static readonly Gen<string> Name = AnyOf(
        "sensor_id", "sensor_id", "timestamp", "timestamp", "temperature", "humidity", "sensor\\u005fid", "\\u0074imestamp", "battery",
        "\\ud800", "Temperature", "");

    private static readonly Gen<string> Member = Name.Select(Value, (name, value) => $"\"{name}\":{value}");

    private static readonly Gen<string[]> Anything = Gen.Select(
        Member.Array[0, 6],
        AnyOf("", "\uFEFF", " ", "[", "}"),
        AnyOf("", "", "", " ", "}", ",", "x"),
        (members, before, after) => new[] { before, string.Join(',', members), after });

    /// <summary>The members of a reading, nearly always with values that are accepted, in any order and among others.</summary>
    private static readonly Gen<string[]> NearlyReading = Gen.Select(
        Gen.OneOf(Gen.Int[0, 9].Select(id => $"{id}"), Number),
        Gen.Int[1_000_000_000, 1_800_000_000].Select(Gen.Int[0, 999_999], (seconds, part) => $"{seconds}.{part:000000}"),
        Gen.OneOf(Gen.Double[-100, 100].Select(value => value.ToString("R", CultureInfo.InvariantCulture)), Number),
        Member.Array[0, 1],
        (id, time, value, more) => (string[])[$"\"sensor_id\":{id}", $"\"timestamp\":{time}", $"\"temperature\":{value}", .. more])
        .SelectMany(Gen.Shuffle)
        .Select(members => new[] { "", string.Join(',', members), "" });

    public static readonly Gen<string> Message = Gen.OneOf(Anything, NearlyReading)
        .Select(parts => $"{parts[0]}{{{parts[1]}}}{parts[2]}");

    /// <summary>Messages of sensors with names, as several encoders of JSON write them, some with a member twice.</summary>
    public static readonly Gen<string> Named = Gen.Select(
        AnyOf(
            "\"kitchen-1\"", "\"K\u00FCche\"", "\"K\\u00fcche\"", "\"Ku\u0308che\"", "\"K\\u0075\\u0308che\"", "\"a\\\"b\"", "\"a\\/b\"", "\"{1}\"",
            "\"007\"", "\"7\"", "-7", "2147483648", "123456789012345678901234567890", "\"\\ud83c\\udf21\"", "\"\uFEFF\"", "\"\\ud800\"",
            "\"\\u0000\"", "\" \"", "\"\"", "\"\uE000\"", "\"\u1112\u1161\u11AB\"", "\"\\ud55c\"", "7", "{}", "\"\u0344\"", "\"\u212B\""),
        AnyOf("sensor_id", "sensor_id", "sensor_id", "sensor\\u005fid"),
        Member.Array[0, 1],
        AnyOf("", "", "", ",\"unit\":\"\\u00b0C\"", ",\"x\":{\"sensor_id\":\"pump\"}", ",\"sensor_id\":\"pump\""),
        (sensor, name, more, last) =>
            $"{{{string.Concat(more.Select(member => $"{member},"))}\"{name}\":{sensor},\"timestamp\":1732400000,\"temperature\":1{last}}}");

    private static Gen<string> AnyOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);
}
