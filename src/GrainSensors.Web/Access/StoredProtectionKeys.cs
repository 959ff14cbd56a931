using System.Xml.Linq;
using GrainSensors.Storage.Access;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace GrainSensors.Web.Access;

/// <summary>Keeps the data-protection keys in the store, so that every silo accepts the forms of every other silo.</summary>
/// <remarks>The interface of ASP.NET Core is synchronous. It is called at the start and about once a day.</remarks>
internal sealed class StoredProtectionKeys(IProtectionKeyStore store) : IXmlRepository
{
    /// <summary>
    /// Silos that start at once on an empty store each make a key, and would use different ones for a day. The first key is kept, and
    /// the other silos find it when they read the keys again.
    /// </summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    public IReadOnlyCollection<XElement> GetAllElements() =>
        [.. Task.Run(() => store.ReadAsync(CancellationToken.None)).GetAwaiter().GetResult().Select(xml => XElement.Parse(xml))];

    public void StoreElement(XElement element, string friendlyName)
    {
        var quiet = element.Name.LocalName == "key" ? Quiet : TimeSpan.Zero;
        var xml = element.ToString(SaveOptions.DisableFormatting);
        Task.Run(() => store.AddAsync(friendlyName, xml, quiet, CancellationToken.None)).GetAwaiter().GetResult();
    }
}
