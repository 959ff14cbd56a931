using System.Globalization;
using System.Text;
using System.Text.Json;

namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>Devices of one make: how they name themselves, and what they measure.</summary>
/// <param name="Sensors">How many there are.</param>
/// <param name="NameOf">The name of the sensor with a number.</param>
/// <param name="Measurements">The measurements of a reading.</param>
internal sealed record DeviceKind(int Sensors, Func<int, string> NameOf, params string[] Measurements)
{
    /// <summary>The names are integers, and JSON has them as numbers.</summary>
    public bool AreNumbers { get; init; }

    /// <summary>10,000 sensors. A row is a kind of device.</summary>
    public static IReadOnlyList<DeviceKind> Fleet { get; } =
    [
        new(2000, i => string.Create(CultureInfo.InvariantCulture, $"{0x70B3_D57E_D000_0000 + i:X16}"), "temperature", "humidity"),
        new(2000, i => new Guid(i, 0x4A11, 0x4B22, 0x8C, 0x33, 1, 2, 3, 4, 5, 6).ToString(), "temperature"),
        new(
            1500, i => string.Create(CultureInfo.InvariantCulture, $"AC:DE:48:{i >> 16:X2}:{i >> 8 & 255:X2}:{i & 255:X2}"),
            "temperature", "humidity"),
        new(1500, i => string.Create(CultureInfo.InvariantCulture, $"kitchen-{i}"), "temperature", "humidity"),
        new(1000, i => string.Create(CultureInfo.InvariantCulture, $"Küche {i}/oben · č. 7"), "humidity"),
        new(1000, i => string.Create(CultureInfo.InvariantCulture, $"{9_000_000_000 + i}"), "temperature") { AreNumbers = true },
        new(500, i => string.Create(CultureInfo.InvariantCulture, $"{-5 - i}"), "temperature", "humidity") { AreNumbers = true },
        new(500, i => string.Create(CultureInfo.InvariantCulture, $"00{i}"), "temperature"),
    ];

    /// <returns>The value of <c>sensor_id</c>; text at times in Unicode's normal form D.</returns>
    public string Write(string name, Random random) => AreNumbers ? name
        : JsonSerializer.Serialize(random.Next(2) == 0 ? name : name.Replace("ü", "u\u0308", StringComparison.Ordinal));

    /// <returns>The key of the messages.</returns>
    public static byte[] KeyOf(string name) => Encoding.UTF8.GetBytes(name);
}
