using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Access;

namespace GrainSensors.Hosting.Configuration;

/// <summary>A key as silos know it: by its hash, from which the key cannot be recovered.</summary>
/// <param name="Name">The owner, for logs and pages.</param>
/// <param name="Hash">
/// SHA-256 of the key's characters. A key has 256 random bits, so a slow hash, which protects passwords from guessing, adds nothing.
/// </param>
/// <param name="ExpiresAt">The key is invalid from this time on; null: it does not expire.</param>
internal sealed record AccessKey(string Name, ReadOnlyMemory<byte> Hash, AccessRole Role, DateTimeOffset? ExpiresAt = null)
{
    private const string Prefix = "gsk_";
    private const string DevicePrefix = "gsd_";
    private const string HashPrefix = "sha256:";
    private const int KeyBytes = 32;

    /// <summary>The hash in hexadecimal, as tables hold it.</summary>
    public string HashHex { get; } = Convert.ToHexStringLower(Hash.Span);

    /// <returns>A new key. Only the caller has it.</returns>
    public static string Generate() => Prefix + Random();

    /// <returns>A new device key. Only the caller has it.</returns>
    public static string GenerateForDevice() => DevicePrefix + Random();

    /// <returns>Whether the text has the prefix of device keys.</returns>
    public static bool IsForDevice(string key) => key.StartsWith(DevicePrefix, StringComparison.Ordinal);

    /// <returns>The hash as <see cref="KeyOptions.Hash"/> holds it.</returns>
    public static string HashText(string key) => HashPrefix + Convert.ToHexStringLower(HashOf(key));

    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <param name="options">The options of the key; they are valid.</param>
    public static AccessKey From(KeyOptions options) =>
        new(options.Name, Convert.FromHexString(options.Hash.AsSpan(HashPrefix.Length)), options.Role, options.ExpiresAt);

    public static AccessKey From(StoredKey key) => new(
        key.Name,
        Convert.FromHexString(key.Hash),
        key.IsAdmin ? AccessRole.Admin : AccessRole.Read,
        key.ExpiresAt is { } at ? new DateTimeOffset(EpochTime.ToDateTime(at)) : null);

    public bool IsExpired(DateTimeOffset now) => ExpiresAt <= now;

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyBytes));
}
