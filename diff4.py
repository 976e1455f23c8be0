import sys, collections, traceback, time
sys.path.insert(0,'/tmp/wt4')
from tests import jvm, verdict_cases, forge
from tests.oracle import Oracle
from storekeeper.trust.verdict import judge
from storekeeper.model import Certificate
from datetime import datetime, UTC
import storekeeper; assert storekeeper.__file__.startswith('/tmp/wt4'), storekeeper.__file__
at=datetime.fromtimestamp(forge.AT,UTC)
import os
if os.environ.get('R'):
    from tests import verdict_random
    a,b=map(int,os.environ['R'].split('-')); cases=[verdict_random.case(i) for i in range(a,b)]
else: cases=list(verdict_cases.all_cases())
print(len(cases),"cases")
for v in sys.argv[1:] or ["17.0.9.2"]:
    o=Oracle(jvm.jvm(v)); feature=v.split('.')[0]
    c=collections.Counter(); shown=0
    for case in cases:
        a=o.judge(case.chain,case.anchors,host=case.host,manager=case.manager,protocol=case.protocol,at=forge.AT)
        try:
            m=judge([Certificate(x) for x in case.chain],[Certificate(x) for x in case.anchors],case.host,"java"+feature,case.manager,case.protocol,at)
        except Exception as e:
            c['crash']+=1; (traceback.print_exc() if c['crash']==1 else None); print("CRASH",case.name); continue
        
        if m.accepts is None:
            c['either']+=1; continue
        same=m.accepts==(a.word=="accept") ; msg=m.message==a.message or any(a.message in n for n in m.notes if a.message) or (a.word=="unparsable" and m.rule=="unparsable")
        c[(same,msg)]+=1
        if not (same and msg) and shown<int(__import__('os').environ.get('N','60')):
            shown+=1
            print(f"{v} {'VERDICT' if not same else 'message'} [{case.name}]\n    java: {a.word} {a.message!r}\n    ours: {m.accepts} {m.message!r} {m.rule} {m.walk if os.environ.get('W') else ''}")
    print(v,dict(c)); print(o.schemes) if '-s' in sys.argv else None
