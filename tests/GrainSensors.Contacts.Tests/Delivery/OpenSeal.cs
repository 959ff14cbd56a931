using GrainSensors.Contacts.Acknowledgement;

namespace GrainSensors.Contacts.Tests.Delivery;

/// <summary>Neither encrypts nor signs.</summary>
internal sealed class OpenSeal : IAcknowledgeSeal
{
    public string Seal(byte[] content) => Convert.ToHexStringLower(content);

    public byte[]? Open(string token) => Convert.FromHexString(token);
}
