import pytest
from tests.house import House
from tests.house.pusher import *
pytestmark = pytest.mark.anyio
async def test_smoke(house: House) -> None:
    p = house.pusher()
    print(await p.call("GET","/ServiceProviderConfig"))
    print(await p.call("GET","/ResourceTypes"))
    lea = await p.hire("lea")
    print(await p.call("GET", f"/Users/{lea}"))
    print(await p.find("/Users", 'userName eq "LEA@ministerium.example" and active eq true'))
    await p.patch(f"/Users/{lea}", {"op":"Replace","path":"active","value":"False"})
    print(await p.call("GET", f"/Users/{lea}"))
    print((await p.call("GET", "/Groups")))
    A=house.departments["A"]
    await p.patch(f"/Groups/{A}", {"op":"Add","path":"members","value":[{"$ref":None,"value":lea}]})
    print((await p.call("GET", f"/Groups/{A}")))
    print((await p.call("GET", "/Users")))
    print(await p.refused("POST","/Users",user("lea")))
    print(await p.refused("GET","/nope"))
    print(await p.refused("PUT","/Users"))
    await p.call("DELETE", f"/Users/{lea}", status=204)
    print((await p.call("GET", "/Users")))
