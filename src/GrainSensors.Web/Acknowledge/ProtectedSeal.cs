using System.Security.Cryptography;
using GrainSensors.Contacts.Acknowledgement;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace GrainSensors.Web.Acknowledge;

/// <summary>
/// Protects links with the keys that the silos share in the table <c>data_protection_keys</c>. A key that is no longer used for new links
/// still opens its own. The signature is compared in constant time.
/// </summary>
internal sealed class ProtectedSeal(IDataProtectionProvider provider) : IAcknowledgeSeal
{
    private readonly IDataProtector _protector = provider.CreateProtector("GrainSensors.Acknowledge", "v1");

    public string Seal(byte[] content) => WebEncoders.Base64UrlEncode(_protector.Protect(content));

    public byte[]? Open(string token)
    {
        try
        {
            return _protector.Unprotect(WebEncoders.Base64UrlDecode(token));
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return null;
        }
    }
}
