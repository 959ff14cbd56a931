namespace GrainSensors.Contacts.Acknowledgement;

/// <summary>Encrypts and signs what is in a link, with keys that all silos of the cluster share.</summary>
public interface IAcknowledgeSeal
{
    /// <returns>A text for the query of an address.</returns>
    string Seal(byte[] content);

    /// <returns>The content; null: the text is not of this cluster, or was changed.</returns>
    byte[]? Open(string token);
}
