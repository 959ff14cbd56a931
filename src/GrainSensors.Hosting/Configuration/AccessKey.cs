using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace GrainSensors.Hosting.Configuration;

/// <summary>A key as the configuration knows it: by its hash, from which nobody gets back to the key.</summary>
/// <param name="Name">Whose it is, for logs and pages.</param>
/// <param name="Hash">SHA-256 of the key's characters. A key has 256 random bits: a hash that is slow to try guards passwords, and would add nothing here.</param>
internal sealed partial record AccessKey(string Name, ReadOnlyMemory<byte> Hash, AccessRole Role)
{
    private const string Prefix = "gsk_";
    private const string HashPrefix = "sha256:";
    private const int KeyBytes = 32;

    /// <returns>A new key; it is nowhere but in the answer.</returns>
    public static string Generate() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyBytes));

    /// <returns>As the configuration has it.</returns>
    public static string HashText(string key) => HashPrefix + Convert.ToHexStringLower(HashOf(key));

    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <param name="where">The key's own key in the configuration, for the sentence.</param>
    /// <exception cref="ArgumentException">With a sentence that names the key of the configuration and the cure.</exception>
    public static AccessKey From(KeyOptions options, string where)
    {
        if (!NamePattern().IsMatch(options.Name))
        {
            throw new ArgumentException($"{where}:Name is \"{options.Name}\"; give 1 to 64 letters, digits, dots, dashes or underscores.");
        }

        // Not shown: it may be the key itself, by mistake.
        if (!HashPattern().IsMatch(options.Hash))
        {
            throw new ArgumentException($"{where}:Hash is no hash; give the one that `grainsensors key` prints, {HashPrefix} and 64 hexadecimal digits.");
        }

        if (!Enum.TryParse<AccessRole>(options.Role, ignoreCase: true, out var role) || !Enum.IsDefined(role) || int.TryParse(options.Role, out _))
        {
            throw new ArgumentException($"{where}:Role is \"{options.Role}\"; give read or admin.");
        }

        return new(options.Name, Convert.FromHexString(options.Hash.AsSpan(HashPrefix.Length)), role);
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^sha256:[0-9a-fA-F]{64}\z")]
    private static partial Regex HashPattern();
}
