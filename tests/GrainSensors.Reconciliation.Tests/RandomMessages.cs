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

    public static readonly Gen<string> Message = Gen.Select(
        Name.Select(Value, (name, value) => $"\"{name}\":{value}").List[0, 6],
        AnyOf("", "\uFEFF", " ", "[", "}"),
        AnyOf("", "", "", " ", "}", ",", "x"),
        (members, before, after) => $"{before}{{{string.Join(',', members)}}}{after}");

    private static Gen<string> AnyOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);
}
