using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace GrainSensors.Contacts.Points;

/// <summary>Encrypts the secrets of contact points with AES-GCM. The name of the contact point is bound to them.</summary>
public sealed class SecretBox
{
    public const int KeyBytes = 32;

    private const string Version = "v1";
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int IdBytes = 4;

    private readonly byte[] _key;
    private readonly string _id;

    /// <param name="key">32 bytes in Base64.</param>
    /// <exception cref="FormatException">The key is not of that form; the message does not contain it.</exception>
    public SecretBox(string key)
    {
        _key = new byte[KeyBytes];
        if (!Convert.TryFromBase64String(key, _key, out var length) || length != KeyBytes)
        {
            throw new FormatException(
                $"must be {KeyBytes} bytes in Base64; `openssl rand -base64 {KeyBytes}` prints such a key.");
        }

        _id = Convert.ToHexStringLower(SHA256.HashData(_key).AsSpan(0, IdBytes));
    }

    /// <param name="name">The contact point.</param>
    public string Protect(string name, IReadOnlyDictionary<string, string> secrets)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(secrets);
        var box = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(
            box.AsSpan(0, NonceBytes), plain, box.AsSpan(NonceBytes, plain.Length), box.AsSpan(NonceBytes + plain.Length),
            Encoding.UTF8.GetBytes(name));
        CryptographicOperations.ZeroMemory(plain);
        return $"{Version}.{_id}.{Convert.ToBase64String(box)}";
    }

    /// <returns>The secrets; null: they were encrypted with another key, for another contact point, or are damaged.</returns>
    public IReadOnlyDictionary<string, string>? Open(string name, string text)
    {
        if (text.Split('.') is not [Version, var id, var base64] || id != _id)
        {
            return null;
        }

        try
        {
            var box = Convert.FromBase64String(base64);
            var plain = new byte[box.Length - NonceBytes - TagBytes];
            using var aes = new AesGcm(_key, TagBytes);
            aes.Decrypt(
                box.AsSpan(0, NonceBytes), box.AsSpan(NonceBytes, plain.Length), box.AsSpan(NonceBytes + plain.Length), plain,
                Encoding.UTF8.GetBytes(name));
            return JsonSerializer.Deserialize<Dictionary<string, string>>(plain);
        }
        catch (Exception e) when (e is FormatException or CryptographicException or OverflowException or JsonException)
        {
            return null;
        }
    }
}
